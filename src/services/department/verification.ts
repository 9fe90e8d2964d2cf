import type { Context } from 'hono'
import type { Finding, Verification } from '../../vcapi/model.ts'
import { problemTypeOf } from '../../vcapi/problemType.ts'
import type { Env } from '../chassis.ts'
import { sentenceFor } from '../problem.ts'

/**
 * Answers a verification: 200, or 400 as problem details of the first error with all of them beside.
 *
 * @see VC-API 0.7, section 3.3; VC Data Model 2.0, section 7.2; RFC 9457
 */
export function answerOf(
  c: Context<Env>,
  { verified, checks, errors, warnings }: Verification,
): Response {
  const shown = {
    verified,
    checks,
    warnings: warnings.map((one) => problemOf(c, one)),
    problemDetails: errors.map((one) => problemOf(c, one)),
  }
  const [first] = shown.problemDetails
  if (first === undefined) return c.json(shown, 200)
  const body = { ...first, status: 400, instance: `urn:weir:request:${c.var.requestId}`, ...shown }
  return c.body(JSON.stringify(body), 400, { 'Content-Type': 'application/problem+json' })
}

function problemOf(c: Context<Env>, { code, detail }: Finding) {
  const facts = Object.keys(detail).length > 0 && { facts: detail }
  return { type: problemTypeOf(code), title: sentenceFor(c, code), code, ...facts }
}
