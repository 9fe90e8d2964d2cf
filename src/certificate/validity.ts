import type { JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { CertificateType } from './model.ts'

/** When a certificate counts: from `from`, and before `until` where it ends. */
export type Validity = { readonly from: Date; readonly until: Date | undefined }

const day = 86_400_000

// A date on a Chinese certificate begins at midnight in Beijing, all year UTC+8.
function beijingMidnight(date: string): number {
  return Date.parse(`${date}T00:00:00+08:00`)
}

/**
 * When a certificate of this type, with these claims, issued at `issuedAt`, counts. Dates among its
 * claims are days in Beijing, the last one included; nothing counts before it is issued.
 *
 * @param wish narrows what the type says, never widens it.
 * @throws {InputError} `certificate/bad-validity` if it would never count, or a date is none.
 */
export function validityOf(
  type: CertificateType,
  claims: JsonObject,
  issuedAt: Date,
  wish: { readonly from?: Date; readonly until?: Date } = {},
): Validity {
  const rule = type.validity
  const starts = [issuedAt.getTime()]
  const ends: number[] = []
  if (rule.kind === 'max') ends.push(issuedAt.getTime() + rule.seconds * 1000)
  if (rule.kind === 'fields') {
    const from = rule.from === undefined ? undefined : claims[rule.from]
    const until = rule.until === undefined ? undefined : claims[rule.until]
    if (typeof from === 'string') starts.push(beijingMidnight(from))
    if (typeof until === 'string') ends.push(beijingMidnight(until) + day)
  }
  if (wish.from !== undefined) starts.push(wish.from.getTime())
  if (wish.until !== undefined) ends.push(wish.until.getTime())
  const from = Math.max(...starts)
  const until = ends.length === 0 ? undefined : Math.min(...ends)
  const isNever = Number.isNaN(from) || Number.isNaN(until ?? 0) || (until ?? Infinity) <= from
  if (isNever) throw new InputError('certificate/bad-validity', { type: type.id })
  return { from: new Date(from), until: until === undefined ? undefined : new Date(until) }
}
