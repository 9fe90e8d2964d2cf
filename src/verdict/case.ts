import type { Code } from '../errors.ts'
import type { DepartmentRecord } from '../identity/model.ts'
import type { PresentedCredential } from '../presentation/model.ts'
import type { ClaimedIssuer, NamedKey } from './issuer.ts'
import type { Check, CheckName, CredentialFacts, Policy } from './model.ts'

/** Everything that the checks of one credential look at; each looks at its part and writes nothing. */
export type Case = {
  readonly presented: PresentedCredential
  readonly issuer: ClaimedIssuer
  /** The key whose signature is checked: the leaf's, or the one found for `kid`. */
  readonly key: NamedKey | undefined
  /** Whether the signature holds; undefined: there is no key to check it with. */
  readonly isSigned: boolean | undefined
  readonly department: DepartmentRecord | undefined
  readonly facts: CredentialFacts | undefined
  /** Whether the evidence tells a status at the policy's moment. */
  readonly isTimely: boolean
  readonly policy: Policy
}

/** Clocks may differ by this much, in milliseconds. */
export const skew = 60_000

/** A check that found what it should. */
export function pass(name: CheckName, code: Code): Check {
  return { name, outcome: 'pass', code }
}

/** A check that found a reason to refuse. */
export function fail(name: CheckName, code: Code): Check {
  return { name, outcome: 'fail', code }
}

/** A check that could not be made; never good enough. */
export function unknown(name: CheckName, code: Code): Check {
  return { name, outcome: 'unknown', code }
}

/**
 * The time of issue, time(B): when the credential was anchored, as far as the moment asked about
 * knows. What was anchored later was not anchored then.
 */
export function anchoredAt({ facts, policy }: Case): Date | undefined {
  const time = facts?.anchor?.record.time
  return time !== undefined && time.getTime() <= policy.at.getTime() + skew ? time : undefined
}

/** Whether a chain, by its id, is the one that the policy trusts. */
export function isOn(policy: Policy, chainId: number): boolean {
  return policy.chain === `eip155:${chainId}`
}
