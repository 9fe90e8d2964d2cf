import { type CertificateRevocationList, id_AuthorityKeyIdentifier } from 'pkijs'
import { type Code, InputError } from '../../errors.ts'
import { hex } from '../../primitives/bytes.ts'
import { isStrongSignature, isWellFormedSignature } from './algorithms.ts'
import type { CertificateFacts } from './facts.ts'
import { parseCrl } from './parse.ts'

const crlNumber = '2.5.29.20'
/** Extensions of a list that do not change what it says; any other critical one refuses the list. */
const harmless = new Set([crlNumber, id_AuthorityKeyIdentifier])
/** Marks a list as a difference to another one. */
const deltaIndicator = '2.5.29.27'
/** Says that a list is about some certificates only. */
const issuingDistributionPoint = '2.5.29.28'

/**
 * Reads revocation lists, leaving out those that do not parse: a list that says nothing revokes nothing,
 * and a certificate without a list is refused.
 */
export function readCrls(crls: readonly Uint8Array[]): CertificateRevocationList[] {
  return crls.flatMap((der) => {
    try {
      return [parseCrl(der)]
    } catch (error) {
      if (error instanceof InputError) return []
      throw error
    }
  })
}

/**
 * Whether an authority's current list says that a certificate is not revoked. Only whole lists that the
 * authority signed itself count, and the newest of those that hold at the time decides. There is no
 * soft failure: no list, a stale or a forged one refuses.
 *
 * @param issuer the certificate's issuer; its own fitness is judged elsewhere.
 * @returns undefined: not revoked.
 * @see RFC 5280, section 6.3
 */
export async function judgeRevocation(
  certificate: CertificateFacts,
  issuer: CertificateFacts,
  crls: readonly CertificateRevocationList[],
  at: Date,
): Promise<Code | undefined> {
  const named = crls.filter(
    (crl) => hex(new Uint8Array(crl.issuer.valueBeforeDecode)) === issuer.subject,
  )
  if (named.length === 0) return 'certificate/crl-missing'
  const signed = []
  for (const crl of named) if (await isAuthentic(crl, issuer)) signed.push(crl)
  if (signed.length === 0) return 'certificate/crl-forged'
  const current = signed
    .filter((crl) => crl.thisUpdate.value <= at && crl.nextUpdate && at <= crl.nextUpdate.value)
    .sort((a, b) => b.thisUpdate.value.getTime() - a.thisUpdate.value.getTime())
  const newest = current[0]
  if (newest === undefined) return 'certificate/crl-stale'
  const isListed = (newest.revokedCertificates ?? []).some(
    ({ userCertificate }) => hex(userCertificate.valueBlock.valueHexView) === certificate.serial,
  )
  return isListed ? 'certificate/revoked' : undefined
}

async function isAuthentic(
  crl: CertificateRevocationList,
  issuer: CertificateFacts,
): Promise<boolean> {
  if (!isWhole(crl) || !isStrongSignature(crl) || !isWellFormedSignature(crl)) return false
  try {
    return await crl.verify({ issuerCertificate: issuer.certificate })
  } catch {
    return false
  }
}

function isWhole(crl: CertificateRevocationList): boolean {
  // Version 2, which the encoding counts as 1.
  if (crl.version !== 1) return false
  const extensions = crl.crlExtensions?.extensions ?? []
  const entries = (crl.revokedCertificates ?? []).flatMap(
    (entry) => entry.crlEntryExtensions?.extensions ?? [],
  )
  return (
    extensions.every(
      ({ extnID, critical }) =>
        extnID !== deltaIndicator &&
        extnID !== issuingDistributionPoint &&
        (!critical || harmless.has(extnID)),
    ) && !entries.some((extension) => extension.critical)
  )
}
