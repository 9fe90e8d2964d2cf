import { rootFromProof } from '../anchor/proof.ts'
import { leafHash } from '../anchor/tree.ts'
import { type Code, isWeirError } from '../errors.ts'
import { hex } from '../primitives/bytes.ts'
import { anchoredAt, type Case, fail, pass, skew, unknown } from './case.ts'
import type { Check, CredentialFacts } from './model.ts'

/** Anchoring takes seconds; a delay above this, in milliseconds, is told. */
const usualDelay = 600_000

const defaultMaxAnchorDelaySeconds = 30 * 24 * 3600

/**
 * Whether the fingerprint stands in a batch that this issuer anchored. Signed within the last ten
 * minutes, or where this node does not see every batch, it may still come.
 */
export function checkAnchor(theCase: Case): Check {
  const { issuer, presented, facts, policy } = theCase
  const { fingerprint, issuedAt } = presented.credential
  const time = anchoredAt(theCase)
  if (facts?.anchor === undefined || time === undefined) {
    const isFresh = issuedAt !== undefined && policy.at.getTime() - issuedAt.getTime() <= usualDelay
    if (isFresh || facts?.absence === 'behind') return unknown('anchor', 'anchor/pending')
    const wasSearched = facts?.anchor !== undefined || facts?.absence === 'searched'
    return wasSearched
      ? fail('anchor', 'anchor/not-anchored')
      : unknown('anchor', 'anchor/no-proof')
  }
  const refusal = refusalOf(fingerprint, facts.anchor, issuer.department?.address)
  if (refusal !== undefined) return fail('anchor', refusal)
  const delay = time.getTime() - (issuedAt ?? time).getTime()
  return pass('anchor', delay > usualDelay ? 'anchor/late' : 'anchor/anchored')
}

type Anchor = NonNullable<CredentialFacts['anchor']>

/** What was found about the last anchors, each for the credential that it was looked at for. */
const findings = new Map<Anchor, Finding>()
type Finding = {
  readonly fingerprint: Uint8Array
  readonly issuer: string | undefined
  readonly refusal: Code | undefined
}
const maxFindings = 256

/**
 * Why an inclusion proof does not show that the fingerprint stands in a batch of the issuer. Asked again
 * about the same objects it answers from memory: gathering and judging ask the same.
 *
 * @param fingerprint 32 bytes.
 * @param issuer the department's address.
 */
export function refusalOf(
  fingerprint: Uint8Array,
  anchor: Anchor,
  issuer: string | undefined,
): Code | undefined {
  const known = findings.get(anchor)
  if (known?.fingerprint === fingerprint && known.issuer === issuer) return known.refusal
  const refusal = findRefusal(fingerprint, anchor, issuer)
  if (findings.size >= maxFindings) findings.delete(findings.keys().next().value!)
  findings.set(anchor, { fingerprint, issuer, refusal })
  return refusal
}

function findRefusal(
  fingerprint: Uint8Array,
  { record, proof }: Anchor,
  issuer: string | undefined,
): Code | undefined {
  if (record.issuer !== issuer) return 'anchor/wrong-issuer'
  if (proof.sequence !== record.sequence || proof.size !== record.size) return 'anchor/wrong-batch'
  try {
    const root = rootFromProof(leafHash(fingerprint), proof.index, proof.size, proof.path)
    return `0x${hex(root)}` === record.root ? undefined : 'anchor/wrong-batch'
  } catch (error) {
    if (isWeirError(error)) return error.code
    throw error
  }
}

/**
 * Whether the signing time fits the anchor: nothing is signed after it was anchored, and what was
 * signed long before may be backdated.
 */
export function checkSigningTime(theCase: Case): Check {
  const { presented, policy } = theCase
  const { issuedAt } = presented.credential
  const time = anchoredAt(theCase)
  if (issuedAt === undefined) return unknown('signingTime', 'credential/missing-claim')
  if (!(issuedAt.getTime() <= policy.at.getTime() + skew)) {
    return fail('signingTime', 'time/signed-in-the-future')
  }
  if (time === undefined) return unknown('signingTime', 'verdict/not-reached')
  if (issuedAt.getTime() > time.getTime() + skew) {
    return fail('signingTime', 'time/signed-after-anchoring')
  }
  const delay = (policy.maxAnchorDelaySeconds ?? defaultMaxAnchorDelaySeconds) * 1000
  return issuedAt.getTime() < time.getTime() - delay
    ? fail('signingTime', 'time/anchored-too-late')
    : pass('signingTime', 'time/plausible')
}
