import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { listKinds } from '../../certificate/listAddress.ts'
import { InputError } from '../../errors.ts'
import type { ListWish, PublishedList } from '../../issuer/listModel.ts'
import type { ListForm } from '../../issuer/signList.ts'
import { publishLists } from '../../issuer/statusLists.ts'
import { acceptable } from '../accept.ts'
import type { Env, RouteGroup } from '../chassis.ts'
import { problems } from '../problem.ts'

/** Published lists are at most this much behind the chain, promised in minutes of a department's day. */
const maxAgeMs = 60_000

/** Media types that a list is answered in, and what each is made of. */
const forms = {
  'application/json': 'application/vc',
  'application/vc': 'application/vc',
  'application/ld+json': 'application/vc',
  'application/vc+jwt': 'application/vc+jwt',
  'application/statuslist+jwt': 'application/statuslist+jwt',
} as const satisfies Record<string, ListForm>
type MediaType = keyof typeof forms
const mediaTypes = Object.keys(forms) as MediaType[]
/** Where a certificate names a token list, that is what is meant. */
const tokenFirst = [...mediaTypes].reverse()

const number = z
  .string()
  .regex(/^(0|[1-9]\d{0,9})$/)
  .transform(Number)
const kinds = z.enum(listKinds)
const query = z.object({
  time: z
    .string()
    .regex(/^(\d{1,11}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z)$/)
    .optional()
    .openapi({ description: 'a past moment: seconds since 1970, or RFC 3339 in UTC' }),
})

const jwt = { schema: z.string() }
const credential = {
  schema: z.looseObject({ id: z.string() }).openapi('BitstringStatusListCredential'),
}
const responses = {
  200: {
    description: 'The whole list; which form, `Accept` says',
    content: {
      'application/json': credential,
      'application/vc': credential,
      'application/ld+json': credential,
      'application/vc+jwt': jwt,
      'application/statuslist+jwt': jwt,
    },
  },
  304: { description: 'It is the one that `If-None-Match` names' },
  ...problems(400, 404, 406, 503),
}

/**
 * `GET /status-lists/...`: this department's status lists, whole, so that nobody learns which certificate
 * is checked. W3C Bitstring Status List v1.0; IETF Token Status List, section 8.
 */
export const addStatusListRoutes: RouteGroup = (app, service) => {
  const { department, clock, chain, signers } = service
  const { did, address, store, issuer } = department
  const lists = publishLists({
    department: { did, address },
    get signer() {
      return signers.status
    },
    chain: chain.mirror,
    base: issuer.statusBase!,
    newestList: () => store.lists.newestList(address),
    clock,
  })
  service.probes.push({
    name: 'status-lists',
    check: async () => (await lists.age()) < maxAgeMs,
  })
  app.openapi(
    createRoute({
      method: 'get',
      path: '/status-lists/{department}/{list}/{kind}',
      summary: 'A status list, at the address that certificates name',
      tags: ['status'],
      request: { params: z.object({ department: z.string(), list: number, kind: kinds }), query },
      responses,
    }),
    async (c) => {
      const { department: of, list, kind } = c.req.valid('param')
      if (of !== address) throw new InputError('status/no-list')
      const type = negotiated(c, kind === 'token' ? tokenFirst : mediaTypes)
      const at = momentOf(c.req.valid('query').time)
      return answer(c, type, await lists.published({ list, kind, form: forms[type], at }))
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/status-lists/{id}',
      summary: 'A status list by its number: revocations, or all statuses as a token list',
      tags: ['status'],
      request: { params: z.object({ id: number }), query },
      responses,
    }),
    async (c) => {
      const { id: list } = c.req.valid('param')
      const type = negotiated(c, mediaTypes)
      const kind: ListWish['kind'] = type === 'application/statuslist+jwt' ? 'token' : 'revocation'
      const at = momentOf(c.req.valid('query').time)
      return answer(c, type, await lists.published({ list, kind, form: forms[type], at }))
    },
  )
}

function negotiated(c: Context<Env>, offers: readonly MediaType[]): MediaType {
  const type = acceptable(c.req.header('accept'), offers)
  if (type === undefined) throw new InputError('request/not-acceptable')
  return type
}

function momentOf(time: string | undefined): Date | undefined {
  if (time === undefined) return undefined
  const at = new Date(/^\d+$/.test(time) ? Number(time) * 1000 : time)
  if (Number.isNaN(at.getTime())) throw new InputError('request/malformed')
  return at
}

function answer(c: Context<Env>, type: MediaType, { body, digest, maxAge }: PublishedList) {
  // One body in three spellings of its type: the tag tells them apart.
  const tag = `"${digest}${type === forms[type] ? '' : `.${type.slice(12)}`}"`
  const headers = {
    'Cache-Control': maxAge === 0 ? 'no-cache' : `public, max-age=${maxAge}`,
    ETag: tag,
    Vary: 'Accept',
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }
  const known = (c.req.header('if-none-match') ?? '').split(',').map((one) => one.trim())
  if (known.some((one) => one === '*' || one.replace(/^W\//, '') === tag)) {
    return c.body(null, 304, headers)
  }
  return c.body(body, 200, { ...headers, 'Content-Type': type })
}
