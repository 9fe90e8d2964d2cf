import { entriesPerList } from '../status/word.ts'
import { type Case, fail, pass, unknown } from './case.ts'
import type { Check } from './model.ts'

const codes = {
  valid: 'status/valid',
  revoked: 'status/revoked',
  suspended: 'status/suspended',
  superseded: 'status/superseded',
} as const

/** What the issuer's status list says at the moment asked about. Evidence of another date cannot tell. */
export function checkStatus({ presented, facts, isTimely }: Case): Check {
  const position = presented.credential.status
  if (position === undefined) return unknown('status', 'form/foreign')
  if (position.index >= entriesPerList) return fail('status', 'status/bad-index')
  if (facts?.status === undefined) return unknown('status', 'verdict/not-reached')
  if (!isTimely) return unknown('status', 'status/other-date')
  const code = codes[facts.status]
  return facts.status === 'valid' ? pass('status', code) : fail('status', code)
}
