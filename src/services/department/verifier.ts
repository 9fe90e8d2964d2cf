import { createRoute, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { JsonObject } from '../../credential/model.ts'
import { OutsideError } from '../../errors.ts'
import { askForPresentation } from '../../openid4vc/presentation/ask.ts'
import {
  clientIdPrefixes,
  type RelyingParty,
  requestStates,
  responseModes,
} from '../../openid4vc/presentation/model.ts'
import { readResult } from '../../openid4vc/presentation/result.ts'
import { watchRequest } from '../../openid4vc/presentation/watch.ts'
import type { Service } from '../../wire/service.ts'
import { policyOf } from '../../wire/verifier.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { idempotent } from '../idempotency.ts'
import { problems } from '../problem.ts'
import { verdictSchema } from './verdictSchema.ts'

/** A department's service as one that asks wallets. */
export function relyingPartyOf(service: Service): RelyingParty {
  const { department, verifier, chain, sessions, signers, baseUrl, clock, configuration } = service
  return {
    department: department.address,
    name: configuration.names.en,
    verifier,
    policyOf: (at, question) => policyOf(chain, at, question),
    sessions,
    audit: department.store.audit,
    sealer: department.keys,
    get signer() {
      return signers.request
    },
    baseUrl,
    clock,
  }
}

const id = z.string().regex(/^[0-9a-f]{64}$/)
const params = z.object({ id })

const wish = z
  .object({
    dcql_query: z.looseObject({}).openapi({
      description: 'Which certificates and claims, OpenID4VP 1.0 section 6',
      example: {
        credentials: [
          {
            id: 'title',
            format: 'dc+sd-jwt',
            meta: { vct_values: ['urn:weir:certificate:real-estate-title:1'] },
            claims: [{ path: ['location'] }],
          },
        ],
      },
    }),
    response_mode: z.enum(responseModes).default('direct_post.jwt'),
    client_id_prefix: z.enum(clientIdPrefixes).default('x509_hash'),
    purpose: z.string().min(1).max(400).openapi({
      description:
        'Why it is asked, at most 200 characters: shown to the holder, kept in the audit log',
    }),
    redirect_uri: z.string().max(2000).optional().openapi({
      description:
        'Where the holder’s browser goes back to on the same device; the result then needs the response code in its fragment',
    }),
    request_uri_method: z.enum(['get', 'post']).optional(),
    same_holder: z.boolean().optional(),
    expires_in: z.number().int().min(30).max(900).optional(),
  })
  .openapi('PresentationWish')

const asked = z
  .object({
    id,
    uri: z.string().openapi({ description: '`openid4vp://` URI for a QR code or a link' }),
    client_id: z.string(),
    request_uri: z.string().optional(),
    expires_at: z.iso.datetime(),
  })
  .openapi('PresentationAsked')

const state = z.enum(requestStates)
const step = z.object({ state, at: z.iso.datetime() })

const found = z
  .object({
    id,
    state,
    history: z.array(step),
    purpose: z.string(),
    expires_at: z.iso.datetime(),
    reason: z
      .string()
      .optional()
      .openapi({ description: 'Code, where the verdict does not say it' }),
    outcome: z.string().optional(),
    verdict: verdictSchema.optional().openapi({ description: 'Only while it is kept' }),
    claims: z
      .record(z.string(), z.array(z.looseObject({})))
      .optional()
      .openapi({
        description: 'By credential query: `[{ type, claims }]`, if the verdict is valid',
      }),
    kept_until: z.iso.datetime().optional(),
    response_code_required: z.boolean().optional(),
  })
  .openapi('PresentationRequestState')

/** Streams that one process keeps open at once. */
const maxStreams = 500

/** `/verifier/requests`: a department's systems ask wallets and read what came of it. */
export const addVerifierRoutes: RouteGroup = (app, service) => {
  const party = relyingPartyOf(service)
  const isClerk = requires('clerk', 'reviewer', 'approver')

  app.openapi(
    createRoute({
      method: 'post',
      path: '/verifier/requests',
      summary: 'Ask a wallet for certificates',
      tags: ['verifier'],
      middleware: [isClerk, idempotent(service)] as const,
      request: { body: { content: { 'application/json': { schema: wish } } } },
      responses: {
        201: { description: 'Asked', content: { 'application/json': { schema: asked } } },
        ...problems(409, 422),
      },
    }),
    async (c) => {
      const body = c.req.valid('json')
      const { redirect_uri: redirectUri, request_uri_method: requestUriMethod } = body
      const { same_holder: sameHolder, expires_in: expiresIn } = body
      const made = await askForPresentation(
        party,
        {
          dcql: body.dcql_query as JsonObject,
          purpose: body.purpose,
          mode: body.response_mode,
          prefix: body.client_id_prefix,
          ...(redirectUri !== undefined && { redirectUri }),
          ...(requestUriMethod !== undefined && { requestUriMethod }),
          ...(sameHolder !== undefined && { sameHolder }),
          ...(expiresIn !== undefined && { expiresIn }),
        },
        c.var.actor.name,
      )
      note(c, { subject: made.id, purpose: body.purpose })
      const answer = {
        id: made.id,
        uri: made.uri,
        client_id: made.clientId,
        ...(made.requestUri !== undefined && { request_uri: made.requestUri }),
        expires_at: made.expiresAt.toISOString(),
      }
      return c.json(answer, 201)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/verifier/requests/{id}',
      summary: 'What became of a request: state, verdict with every check, disclosed claims',
      tags: ['verifier'],
      middleware: [isClerk] as const,
      request: {
        params,
        query: z.object({ response_code: z.string().min(1).max(200).optional() }),
      },
      responses: {
        200: { description: 'The request', content: { 'application/json': { schema: found } } },
        ...problems(404),
      },
    }),
    async (c) => {
      const { response_code: code } = c.req.valid('query')
      const { transaction, result, needsCode } = await readResult(
        party,
        c.req.valid('param').id,
        code,
      )
      const { purpose, reason, outcome, answerBy, history } = transaction
      note(c, { subject: transaction.id, purpose })
      const answer = {
        id: transaction.id,
        state: transaction.state,
        history: history.map((one) => ({ state: one.state, at: one.at.toISOString() })),
        purpose,
        expires_at: answerBy.toISOString(),
        ...(reason !== undefined && { reason }),
        ...(outcome !== undefined && { outcome }),
        ...(needsCode && { response_code_required: true }),
        ...(result && {
          verdict: result.verdict,
          claims: result.claims,
          kept_until: result.keptUntil.toISOString(),
        }),
      }
      return c.json(answer as unknown as z.infer<typeof found>, 200)
    },
  )

  let streams = 0
  app.openapi(
    createRoute({
      method: 'get',
      path: '/verifier/requests/{id}/events',
      summary: 'The states of a request as they come, as server-sent events',
      tags: ['verifier'],
      middleware: [isClerk] as const,
      request: {
        params,
        headers: z.object({
          'last-event-id': z
            .string()
            .regex(/^\d{1,3}$/)
            .optional(),
        }),
      },
      responses: {
        200: {
          description:
            'Events named `state`, data `{ state, at }`; the stream ends with the last one',
          content: { 'text/event-stream': { schema: z.string() } },
        },
        ...problems(404),
      },
    }),
    async (c) => {
      if (streams >= maxStreams) throw new OutsideError('service/busy')
      const stopped = new AbortController()
      const after = Number(c.req.valid('header')['last-event-id'] ?? 0)
      const steps = watchRequest(party, c.req.valid('param').id, after, stopped.signal)
      // The first step is read before the stream begins, so that an unknown request is a 404.
      const first = await steps.next()
      streams++
      return streamSSE(
        c,
        async (stream) => {
          stream.onAbort(() => stopped.abort())
          try {
            for (let next = first; !next.done && !stream.aborted; next = await steps.next()) {
              const { number, state: reached, at } = next.value
              const data = JSON.stringify({ state: reached, at: at.toISOString() })
              await stream.writeSSE({ event: 'state', id: String(number), data })
            }
          } finally {
            stopped.abort()
            streams--
          }
        },
        // The request ended while it was watched: the stream ends with it.
        async () => {},
      ) as never
    },
  )
}
