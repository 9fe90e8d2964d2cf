import { anchoredAt, type Case, fail, isOn, pass, unknown } from './case.ts'
import type { Check } from './model.ts'

/**
 * Whether the issuer is a department of this chain's registry, and was when it issued. An issuer that
 * the registry does not know is no forgery: nobody here can say.
 */
export function checkIssuer(theCase: Case): Check {
  const { issuer, presented, department, policy } = theCase
  const claimed = issuer.department
  if (claimed === undefined) return unknown('issuer', 'accreditation/unknown-issuer')
  const ownChain = presented.credential.chain ?? policy.chain
  if (!isOn(policy, claimed.chainId) || ownChain !== policy.chain) {
    return unknown('issuer', 'issuer/other-chain')
  }
  if (department?.department !== claimed.address) {
    return unknown('issuer', 'accreditation/unknown-issuer')
  }
  const { removedAt } = department
  const time = anchoredAt(theCase) ?? policy.at
  if (removedAt !== undefined && !(time < removedAt)) return fail('issuer', 'issuer/removed')
  return pass('issuer', 'issuer/registered')
}
