import { CertificateChainValidationEngine, type CertificateRevocationList } from 'pkijs'
import { type Code, InputError, TrustError } from '../../errors.ts'
import { isWellFormedSignature } from './algorithms.ts'
import { type CertificateFacts, certificateFacts } from './facts.ts'
import { isWithin } from './nameConstraints.ts'
import { judgeRevocation, readCrls } from './revocation.ts'
import { judgeAny, judgeAuthority, judgeLeaf } from './rules.ts'

/** A department's certificate and what speaks for it; everything DER. */
export type CertificateChain = {
  readonly leaf: Uint8Array
  /** In any order; more than needed is fine. */
  readonly intermediates: readonly Uint8Array[]
  /** Self-signed certificates that the caller trusts, from its own configuration. */
  readonly roots: readonly Uint8Array[]
  /** A current list of every authority on the path, the root's too. */
  readonly crls: readonly Uint8Array[]
  /** The moment that everything must hold at. */
  readonly at: Date
}

const maxCertificates = 16
const maxPaths = 16
/** Certificates on a path, leaf and root included. */
const maxPath = 6

/**
 * Validates a department's certificate up to a trusted root. Every rule must hold for the whole of one
 * path: signatures, times, strong algorithms, authority and path length, key usage, name constraints, no
 * critical extension unknown here, and no certificate on a current revocation list. A certificate never
 * vouches for itself, and what cannot be checked refuses.
 *
 * @throws {InputError} `certificate/malformed` if the leaf, an intermediate or a root is no strict DER certificate.
 * @throws {TrustError} `certificate/not-trusted` if no path leads to a root, otherwise what stands against
 *   the path that came furthest: `certificate/bad-signature`, `expired`, `not-yet-valid`,
 *   `weak-algorithm`, `unknown-extension`, `wrong-usage`, `not-an-authority`, `path-too-long`,
 *   `name-constraint`, `revoked`, `crl-missing`, `crl-stale`, `crl-forged`.
 * @see RFC 5280, section 6; stricter where `docs/divergences.md` says so
 */
export async function checkChain(chain: CertificateChain): Promise<void> {
  const { intermediates, roots, at } = chain
  if (Number.isNaN(at.getTime()) || intermediates.length + roots.length > maxCertificates) {
    throw new InputError('certificate/malformed')
  }
  const leaf = certificateFacts(chain.leaf)
  const anchors = roots.map(certificateFacts)
  const crls = readCrls(chain.crls)
  const paths = pathsFrom([leaf], intermediates.map(certificateFacts), anchors)
  let refusal: Code | undefined
  for (const path of paths.slice(0, maxPaths)) {
    const code = await judgePath(path, crls, at)
    if (code === undefined) return
    refusal ??= code
  }
  throw new TrustError(refusal ?? 'certificate/not-trusted')
}

/** All ways from the last certificate to a root, by names and key identifiers alone. */
function pathsFrom(
  path: readonly CertificateFacts[],
  intermediates: readonly CertificateFacts[],
  roots: readonly CertificateFacts[],
): (readonly CertificateFacts[])[] {
  const last = path.at(-1)!
  const complete = roots
    .filter((root) => root.subject === root.issuer && isIssuer(root, last))
    .map((root) => [...path, root])
  if (path.length + 2 > maxPath) return complete
  const next = intermediates.filter(
    (one) =>
      isIssuer(one, last) &&
      one.subject !== one.issuer &&
      !path.some((seen) => seen.fingerprint === one.fingerprint),
  )
  const longer: (readonly CertificateFacts[])[] = []
  for (const one of next) {
    longer.push(...pathsFrom([...path, one], intermediates, roots))
    if (complete.length + longer.length >= maxPaths) break
  }
  return [...complete, ...longer]
}

function isIssuer(issuer: CertificateFacts, of: CertificateFacts): boolean {
  return (
    issuer.fingerprint !== of.fingerprint &&
    issuer.subject === of.issuer &&
    issuer.subjectKey !== undefined &&
    issuer.subjectKey === of.authorityKey
  )
}

async function judgePath(
  path: readonly CertificateFacts[],
  crls: readonly CertificateRevocationList[],
  at: Date,
): Promise<Code | undefined> {
  const [leaf, ...authorities] = path as [CertificateFacts, ...CertificateFacts[]]
  const root = path.at(-1)!
  const rules =
    first(path, (one) => judgeAny(one, at)) ?? first(authorities, judgeAuthority) ?? judgeLeaf(leaf)
  if (rules !== undefined) return rules
  for (const [i, above] of authorities.entries()) {
    const outside = path.slice(0, i + 1).some((below) => !isWithin(below, above))
    if (outside) return 'certificate/name-constraint'
  }
  for (const [i, certificate] of path.entries()) {
    const issuer = path[i + 1] ?? root
    if (!(await isSignedBy(certificate, issuer))) return 'certificate/bad-signature'
    const revoked = await judgeRevocation(certificate, issuer, crls, at)
    if (revoked !== undefined) return revoked
  }
  return (await isAcceptedByLibrary(path, crls, at)) ? undefined : 'certificate/not-trusted'
}

function first(
  path: readonly CertificateFacts[],
  judge: (facts: CertificateFacts, below: number) => Code | undefined,
): Code | undefined {
  for (const [below, facts] of path.entries()) {
    const code = judge(facts, below)
    if (code !== undefined) return code
  }
  return undefined
}

async function isSignedBy(of: CertificateFacts, issuer: CertificateFacts): Promise<boolean> {
  if (!isWellFormedSignature(of.certificate)) return false
  try {
    return await of.certificate.verify(issuer.certificate)
  } catch {
    return false
  }
}

/** A second opinion on the same path: the library lets some faults through, but not the same as we. */
async function isAcceptedByLibrary(
  path: readonly CertificateFacts[],
  crls: readonly CertificateRevocationList[],
  at: Date,
): Promise<boolean> {
  try {
    const engine = new CertificateChainValidationEngine({
      trustedCerts: [path.at(-1)!.certificate],
      // The engine takes the last one for the leaf.
      certs: path
        .slice(0, -1)
        .map((facts) => facts.certificate)
        .reverse(),
      crls: [...crls],
      checkDate: at,
    })
    return (await engine.verify()).result === true
  } catch {
    return false
  }
}
