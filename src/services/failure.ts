import type { Context } from 'hono'
import type { ZodError } from 'zod'
import { InputError } from '../errors.ts'
import type { Env } from './chassis.ts'
import { oauthFailure } from './oauthError.ts'
import { type Fault, problem } from './problem.ts'

/** Answers an error in the form that its route speaks. */
export function answerError(c: Context<Env>, error: unknown, faults?: readonly Fault[]): Response {
  return c.var.errors === 'oauth' ? oauthFailure(c, error) : problem(c, error, faults)
}

/** Most faults that are named at once. */
const mostFaults = 20

/** Answers a request that its route's schemas refuse, naming places and rules, never values. */
export function answerInvalid(
  c: Context<Env>,
  { error, target }: { readonly error: ZodError; readonly target: string },
): Response {
  const faults = error.issues.slice(0, mostFaults).map(({ path, code }) => ({
    path: target === 'json' ? pointer(path) : `${target} ${String(path[0] ?? '')}`.trim(),
    rule: code,
  }))
  return answerError(c, new InputError('request/malformed', { at: target }), faults)
}

/** RFC 6901; a name that the caller made up is cut, for it may be anything. */
function pointer(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))
  return parts.map((part) => `/${part.slice(0, 60)}`).join('')
}
