import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import {
  type Code,
  type Detail,
  InputError,
  isWeirError,
  OutsideError,
  TrustError,
} from '../errors.ts'
import en from '../messages/en.json' with { type: 'json' }
import zh from '../messages/zh.json' with { type: 'json' }
import type { Env } from './chassis.ts'

/** HTTP status codes that problems have. */
export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 406
  | 409
  | 413
  | 415
  | 422
  | 429
  | 500
  | 503

/** Codes whose status is not their class's: input 400, trust 422, outside 503. */
const statuses: Partial<Record<Code, ProblemStatus>> = {
  'request/unknown-route': 404,
  'request/not-found': 404,
  'request/wrong-method': 405,
  'request/not-acceptable': 406,
  'request/too-large': 413,
  'json/too-large': 413,
  'credential/too-large': 413,
  'request/media-type': 415,
  'service/unauthenticated': 401,
  'service/forbidden': 403,
  'service/too-many-requests': 429,
  'service/internal': 500,
  'internal/unexpected': 500,
  'issue/idempotency-conflict': 409,
  'request/other-idempotent': 422,
  'request/in-progress': 409,
  'store/duplicate': 409,
  'status/unknown-certificate': 404,
  'vcapi/unknown-credential': 404,
  'status/no-list': 404,
  'status/no-such-time': 404,
  'issue/unknown-credential': 404,
  'holder/not-held': 404,
  'webhook/unknown': 404,
  'webhook/too-many': 409,
  'webhook/bad-address': 422,
  'mirror/not-found': 404,
  'mirror/unknown-authority': 404,
  'mirror/unknown-entity': 404,
  'mirror/unknown-action': 404,
  'offer/unknown': 404,
  'offer/not-waiting': 409,
  'offer/needs-other-person': 403,
  'offer/unknown-configuration': 422,
  'offer/several-types': 422,
  'offer/needs-tx-code': 422,
  'presentation/unknown-request': 404,
  'presentation/wrong-state': 409,
  'presentation/wrong-code': 403,
  'presentation/not-answered': 422,
  'presentation/discloses-more': 422,
  'issue/bad-request': 422,
  'status/needs-approver': 422,
  'status/needs-grounds': 422,
  'status/final': 409,
  'status/unchanged': 409,
}

/** Seconds after which a client may try again. */
const retrySeconds: Partial<Record<Code, number>> = {
  'service/too-many-requests': 10,
  'service/busy': 1,
  'request/in-progress': 1,
}

/** The status of an error: the table's, else its class's; 500 for what is not ours. */
export function statusOf(error: unknown): ProblemStatus {
  if (!isWeirError(error)) return 500
  const known = statuses[error.code]
  if (known !== undefined) return known
  if (error.code.startsWith('certificate/')) return 422
  if (error instanceof OutsideError) return 503
  return error instanceof TrustError ? 422 : 400
}

/** One thing wrong with a request; never the value. */
const fault = z.object({
  path: z.string().openapi({ description: 'JSON pointer, or the name of a parameter' }),
  rule: z.string(),
})

/** Problem details as RFC 9457 has them, with Weir's code beside. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().openapi({ description: 'stable; programs branch on it' }),
    instance: z.string().openapi({ description: 'the request id' }),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    errors: z.array(fault).optional(),
  })
  .openapi('Problem')

/** One thing wrong with a request. */
export type Fault = z.infer<typeof fault>

/** A response of `createRoute` for each status, all of them problem details. */
export function problems<Status extends ProblemStatus>(
  ...answered: readonly Status[]
): { [S in Status]: { description: string; content: ProblemContent } } {
  const entries = answered.map((status) => [
    status,
    { description: descriptions[status], content: problemContent },
  ])
  return Object.fromEntries(entries)
}

type ProblemContent = { 'application/problem+json': { schema: typeof problemSchema } }
const problemContent: ProblemContent = { 'application/problem+json': { schema: problemSchema } }

const descriptions: Record<ProblemStatus, string> = {
  400: 'The request has the wrong form',
  401: 'No valid token',
  403: 'The token’s roles do not allow it',
  404: 'There is nothing under that name',
  405: 'Wrong method',
  406: 'No media type asked for is offered',
  409: 'It contradicts what is there',
  413: 'Too large',
  415: 'Wrong media type',
  422: 'Well-formed, and refused',
  429: 'Too many requests',
  500: 'A fault of the service',
  503: 'Something behind the service does not answer; try again',
}

/** Answers an error as problem details, in the language asked for. */
export function problem(c: Context<Env>, error: unknown, errors?: readonly Fault[]): Response {
  const { code, detail } = ours(error)
  const status = statusOf(error instanceof HTTPException ? fromHttp(error) : error)
  c.set('code', code)
  const body = {
    type: `urn:weir:error:${code}`,
    title: sentenceFor(c, code),
    status,
    code,
    instance: `urn:weir:request:${c.var.requestId}`,
    ...(Object.keys(detail).length > 0 && { facts: detail }),
    ...(errors && { errors }),
  }
  const headers = { 'Content-Type': 'application/problem+json', ...headersFor(status, code) }
  return c.body(JSON.stringify(body), status, headers)
}

/** Headers that go with a refusal whatever its body: `Retry-After`, `WWW-Authenticate`. */
export function headersFor(status: ProblemStatus, code: Code): Record<string, string> {
  if (status === 401) return { 'WWW-Authenticate': 'Bearer' }
  if (status !== 429 && status !== 503) return {}
  return { 'Retry-After': String(retrySeconds[code] ?? 5) }
}

/** Code and detail of an error; of one that is not ours nothing but `service/internal`. */
export function ours(error: unknown): { readonly code: Code; readonly detail: Detail } {
  const weir = error instanceof HTTPException ? fromHttp(error) : error
  return isWeirError(weir) ? weir : { code: 'service/internal', detail: {} }
}

/** What the framework refuses by itself, in our words. */
function fromHttp({ status }: HTTPException): InputError | TrustError | undefined {
  if (status === 415) return new InputError('request/media-type')
  if (status === 413) return new InputError('request/too-large')
  if (status === 404) return new InputError('request/unknown-route')
  if (status === 401) return new TrustError('service/unauthenticated')
  return status < 500 ? new InputError('request/malformed') : undefined
}

/** What a code says, in the language asked for. */
export function sentenceFor(c: Context<Env>, code: Code): string {
  const asked = c.req.header('accept-language') ?? ''
  const sentences: Readonly<Record<string, string>> = /^\s*zh\b/i.test(asked) ? zh : en
  return sentences[code] ?? code
}
