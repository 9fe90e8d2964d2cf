import type { Code } from '../errors.ts'
import { bindingSignatureHolds } from '../presentation/binding.ts'
import type { Binding } from '../presentation/model.ts'
import { type Case, fail, pass, skew } from './case.ts'
import type { Check, Policy } from './model.ts'

const defaultMaxAgeSeconds = 300

/**
 * Whether whoever presents holds the key to which the credential is bound, and answers this verifier
 * now. The policy asks, never the input: in a presentation a binding must be there; where only the
 * certificate is asked about, one that is there must still hold.
 *
 * @see RFC 9901, section 7.3; OpenID4VP 1.0, section 14.1
 */
export function checkHolderBinding({ presented, policy }: Case): Check {
  const { credential, binding } = presented
  if (binding === undefined) {
    return policy.question.kind === 'presentation'
      ? fail('holderBinding', 'holder/missing')
      : pass('holderBinding', 'holder/not-asked')
  }
  if (credential.holderKey === undefined) return fail('holderBinding', 'holder/no-key')
  if (!bindingSignatureHolds(credential, binding)) {
    return fail('holderBinding', 'holder/bad-signature')
  }
  if (!binding.coversCredential) return fail('holderBinding', 'holder/other-credential')
  const refusal = refusalOf(binding, policy)
  if (refusal !== undefined) return fail('holderBinding', refusal)
  return policy.question.kind === 'presentation'
    ? pass('holderBinding', 'holder/bound')
    : pass('holderBinding', 'holder/not-asked')
}

/** Why the answer is not one to this verifier's question. */
function refusalOf(binding: Binding, { question, at }: Policy): Code | undefined {
  if (question.kind !== 'presentation') return undefined
  if (binding.audience !== question.audience) return 'holder/wrong-audience'
  if (binding.nonce !== question.nonce) return 'holder/wrong-nonce'
  const age = at.getTime() - binding.issuedAt.getTime()
  if (age > (question.maxAgeSeconds ?? defaultMaxAgeSeconds) * 1000) return 'holder/too-old'
  // Written so that an invalid date refuses too.
  return age >= -skew ? undefined : 'holder/from-the-future'
}
