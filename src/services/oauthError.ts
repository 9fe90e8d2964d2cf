import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Code } from '../errors.ts'
import type { Env } from './chassis.ts'
import { headersFor, ours, statusOf } from './problem.ts'

/** An error as OAuth 2.0 has it (RFC 6749 section 5.2), with Weir's code beside. */
export const oauthErrorSchema = z
  .object({
    error: z.string(),
    error_description: z.string().optional(),
  })
  .openapi('OAuthError')

/** What an Error that a protocol function throws has beside: registered code, and the status it asks for. */
export type OAuthFailure = {
  readonly errorResponse: { readonly error: string; readonly error_description?: string }
  readonly status?: number
  /** Header fields of the answer; a 401 without any challenges for a bearer token. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Registered codes for ours; every other input error is an `invalid_request`. */
const registered: Partial<Record<Code, string>> = {
  'service/unauthenticated': 'invalid_token',
  'service/forbidden': 'insufficient_scope',
  'service/internal': 'server_error',
}

/** A response of `createRoute` for each status, all of them OAuth errors. */
export function oauthErrors<Status extends number>(
  ...answered: readonly Status[]
): { [S in Status]: { description: string; content: OAuthContent } } {
  const entries = answered.map((status) => [
    status,
    { description: 'Refused (RFC 6749 section 5.2)', content: oauthContent },
  ])
  return Object.fromEntries(entries)
}

type OAuthContent = { 'application/json': { schema: typeof oauthErrorSchema } }
const oauthContent: OAuthContent = { 'application/json': { schema: oauthErrorSchema } }

/**
 * Answers whatever a protocol route throws: an {@link OAuthFailure} as it says, a WeirError with the
 * registered code that fits and its own code as description, anything else as `server_error`.
 */
export function oauthFailure(c: Context<Env>, error: unknown): Response {
  if (isOAuthFailure(error)) {
    const { errorResponse, status = 400 } = error
    const bearer = { 'WWW-Authenticate': `Bearer error="${errorResponse.error}"` }
    c.set('code', `oauth/${errorResponse.error}`)
    const body = {
      error: errorResponse.error,
      ...(errorResponse.error_description !== undefined && {
        error_description: errorResponse.error_description,
      }),
    }
    const headers = { ...(status === 401 && bearer), ...error.headers }
    return c.json(body, status as ContentfulStatusCode, headers)
  }
  const { code } = ours(error)
  const status = statusOf(error)
  c.set('code', code)
  const fallback = status >= 500 ? 'temporarily_unavailable' : 'invalid_request'
  const body = { error: registered[code] ?? fallback, error_description: code }
  return c.json(body, status, headersFor(status, code))
}

function isOAuthFailure(error: unknown): error is OAuthFailure {
  const response = (error as { errorResponse?: unknown } | null)?.errorResponse
  return typeof (response as { error?: unknown } | undefined)?.error === 'string'
}
