import { TrustError } from '../errors.ts'
import type { Period } from '../vcdm/validity.ts'
import { skew } from '../verdict/case.ts'

/**
 * Requires a moment to lie within a period; its end is outside, clocks may differ by a minute at its start.
 *
 * @throws {TrustError} `validity/not-yet`, `validity/expired`
 */
export function requireWithin({ from, until }: Period, at: Date): void {
  if (from !== undefined && !(from.getTime() <= at.getTime() + skew)) {
    throw new TrustError('validity/not-yet')
  }
  if (until !== undefined && !(at < until)) throw new TrustError('validity/expired')
}
