import { type Case, fail, pass, skew } from './case.ts'
import type { Check } from './model.ts'

/** Whether the moment asked about lies within the credential's own period; its end is outside. */
export function checkValidityPeriod({ presented: { credential }, policy: { at } }: Case): Check {
  const { validFrom, validUntil } = credential
  if (validFrom !== undefined && !(validFrom.getTime() <= at.getTime() + skew)) {
    return fail('validityPeriod', 'validity/not-yet')
  }
  if (validUntil !== undefined && !(at < validUntil)) {
    return fail('validityPeriod', 'validity/expired')
  }
  return pass('validityPeriod', 'validity/within')
}
