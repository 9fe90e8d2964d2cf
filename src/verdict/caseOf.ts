import { isWeirError } from '../errors.ts'
import type { PresentedCredential } from '../presentation/model.ts'
import type { Case } from './case.ts'
import { signatureHolds } from './checkSignature.ts'
import { filedFacts } from './filedFacts.ts'
import { type ClaimedIssuer, claimedIssuer, namedKey } from './issuer.ts'
import type { Check, Evidence, GatheredCredential, Policy } from './model.ts'
import { rememberedOf } from './readEvidence.ts'
import { evidenceRefused, type Vouched } from './vouch.ts'

const nothing: GatheredCredential = { jwk: undefined, department: undefined, facts: undefined }

/**
 * Brings together what the checks of one credential look at.
 *
 * @returns the case, and what its own proofs make of the evidence check.
 * @throws {InputError} `certificate/*` if the leaf certificate cannot be read.
 */
export function caseOf(
  evidence: Evidence,
  index: number,
  presented: PresentedCredential,
  vouched: Vouched,
  policy: Policy,
): { theCase: Case; evidenceCheck: Check } {
  const issuer = claimedIssuer(presented.credential)
  const { gathered, check } = gatheredOf(evidence, index, presented, issuer, vouched, policy)
  const { jwk, department, facts } = gathered
  const signer = issuer.leaf?.publicJwk ?? jwk
  const key = signer && namedKey(signer)
  const remembered = rememberedOf(evidence)?.signatures[index]
  const isSigned = remembered ?? (key && signatureHolds(presented.credential, key))
  const { isTimely } = vouched
  const theCase = { presented, issuer, key, isSigned, department, facts, isTimely, policy }
  return { theCase, evidenceCheck: check }
}

function gatheredOf(
  evidence: Evidence,
  index: number,
  presented: PresentedCredential,
  issuer: ClaimedIssuer,
  { check, state }: Vouched,
  { deployment }: Policy,
): { gathered: GatheredCredential; check: Check } {
  if (evidence.kind === 'read') {
    return { gathered: evidence.credentials[index] ?? nothing, check }
  }
  const filed = evidence.credentials[index]
  const unread = { ...nothing, jwk: filed?.jwk }
  if (filed === undefined || state === undefined || deployment === undefined) {
    return { gathered: unread, check }
  }
  try {
    return { gathered: filedFacts(state, deployment, presented, issuer, filed), check }
  } catch (error) {
    if (isWeirError(error)) return { gathered: unread, check: evidenceRefused(error.code) }
    throw error
  }
}
