import { isWeirError } from '../errors.ts'
import { sameHolder } from '../presentation/binding.ts'
import type { ParsedPresentation, PresentedCredential } from '../presentation/model.ts'
import { hex } from '../primitives/bytes.ts'
import { type Case, fail, pass, unknown } from './case.ts'
import { caseOf } from './caseOf.ts'
import { checkAccreditation } from './checkAccreditation.ts'
import { checkAnchor, checkSigningTime } from './checkAnchor.ts'
import { checkForm } from './checkForm.ts'
import { checkHolderBinding } from './checkHolderBinding.ts'
import { checkIssuer } from './checkIssuer.ts'
import { checkKey } from './checkKey.ts'
import { checkSignature } from './checkSignature.ts'
import { checkStatus } from './checkStatus.ts'
import { checkValidityPeriod } from './checkValidityPeriod.ts'
import {
  type Check,
  type CheckName,
  type CredentialVerdict,
  checkNames,
  type Evidence,
  type Outcome,
  type Policy,
  type Verdict,
} from './model.ts'
import { presentationOf } from './readEvidence.ts'
import { type Vouched, vouch } from './vouch.ts'

/**
 * Judges what was gathered. Reads nothing, waits for nothing and never throws for what a holder or a
 * file says: whatever is wrong is a check with its code.
 *
 * @param policy the verifier's own question; no part of it comes from the evidence, and no part of it
 *   switches off signature, holder binding, accreditation or status.
 * @returns every credential with all its checks in the order of `checkNames`.
 */
export function verify(evidence: Evidence, policy: Policy): Verdict {
  let presentation: ParsedPresentation
  try {
    presentation = presentationOf(evidence)
  } catch (error) {
    if (!isWeirError(error)) throw error
    const checks = [fail('form', error.code), unknown('holderBinding', 'verdict/not-reached')]
    return { outcome: 'invalid', at: policy.at, checks, credentials: [] }
  }
  const vouched = vouch(evidence, policy)
  const credentials = presentation.map((presented, index) =>
    judge(evidence, index, presented, vouched, policy),
  )
  const checks = [pass('form', 'form/well-formed'), checkHolders(presentation, policy)]
  const outcome = worstOf([outcomeOf(checks), ...credentials.map((one) => one.outcome)])
  return { outcome, at: policy.at, checks, credentials }
}

/** Any fail: invalid; else any unknown: unknown; else valid. */
export function outcomeOf(checks: readonly Check[]): Outcome {
  if (checks.some(({ outcome }) => outcome === 'fail')) return 'invalid'
  return checks.some(({ outcome }) => outcome === 'unknown') ? 'unknown' : 'valid'
}

function worstOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('invalid')) return 'invalid'
  return outcomes.includes('unknown') ? 'unknown' : 'valid'
}

/** On the presentation as a whole: one holder, where the policy asks for it. */
function checkHolders(presentation: ParsedPresentation, { question }: Policy): Check {
  if (question.kind === 'certificate' || question.sameHolder !== true) {
    return pass('holderBinding', 'holder/not-asked')
  }
  return sameHolder(presentation)
    ? pass('holderBinding', 'holder/bound')
    : fail('holderBinding', 'holder/different-holders')
}

function judge(
  evidence: Evidence,
  index: number,
  presented: PresentedCredential,
  vouched: Vouched,
  policy: Policy,
): CredentialVerdict {
  const fingerprint = hex(presented.credential.fingerprint)
  let checks: Check[]
  try {
    const { theCase, evidenceCheck } = caseOf(evidence, index, presented, vouched, policy)
    checks = checksOf(theCase, evidenceCheck)
  } catch (error) {
    if (!isWeirError(error)) throw error
    checks = completed([fail('form', error.code)])
  }
  return { fingerprint, outcome: outcomeOf(checks), checks }
}

function checksOf(theCase: Case, evidenceCheck: Check): Check[] {
  const checks = [checkForm(theCase), checkSignature(theCase)]
  const isSigned = checks.at(-1)!.outcome
  // What nobody signed says nothing; what could not be checked says only from whom it claims to be.
  if (isSigned === 'fail') return completed(checks)
  if (isSigned === 'pass') checks.push(checkHolderBinding(theCase), checkValidityPeriod(theCase))
  else checks.push(notReached('holderBinding'), notReached('validityPeriod'))
  checks.push(evidenceCheck)
  if (evidenceCheck.outcome !== 'pass') {
    return completed(checks, (name) => unknown(name, evidenceCheck.code))
  }
  checks.push(checkIssuer(theCase))
  // An issuer that nobody here knows is no forgery: the rest could only say so again.
  if (isSigned === 'unknown' || checks.at(-1)!.outcome === 'unknown') return completed(checks)
  checks.push(
    checkKey(theCase),
    checkAnchor(theCase),
    checkSigningTime(theCase),
    checkAccreditation(theCase),
    checkStatus(theCase),
  )
  return checks
}

function completed(checks: readonly Check[], rest: (name: CheckName) => Check = notReached) {
  return [...checks, ...checkNames.slice(checks.length).map(rest)]
}

function notReached(name: CheckName): Check {
  return unknown(name, 'verdict/not-reached')
}
