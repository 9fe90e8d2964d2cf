import { createRoute, z } from '@hono/zod-openapi'
import type { WebhookDelivery, WebhookEndpoint } from '../../ports/webhooks.ts'
import {
  addEndpoint,
  recentDeliveries,
  removeEndpoint,
  testEndpoint,
} from '../../webhook/endpoints.ts'
import { eventTypes } from '../../webhook/model.ts'
import { webhooksOf } from '../../wire/webhooks.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'

const endpointId = z.string().regex(/^whe_[\w-]{20}$/)
const params = z.object({ id: endpointId })
const events = z.array(z.enum(eventTypes)).max(eventTypes.length)

const endpoint = z
  .object({
    id: endpointId,
    url: z.string(),
    events: events.openapi({ description: 'Empty: all' }),
    state: z.enum(['active', 'disabled']),
    failing_since: z.iso.datetime().optional(),
    created_at: z.iso.datetime(),
  })
  .openapi('WebhookEndpoint')

const delivery = z
  .object({
    id: z.string().openapi({ description: '`webhook-id`, the same for every attempt' }),
    event: z.string(),
    state: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.number().int(),
    next_at: z.iso.datetime().optional(),
    last_status: z.number().int().optional(),
    created_at: z.iso.datetime(),
  })
  .openapi('WebhookDelivery')

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** `/webhooks`: where the department's own systems hear of events (Standard Webhooks). */
export const addWebhookRoutes: RouteGroup = (app, service) => {
  const webhooks = webhooksOf(service)
  const { store, department } = webhooks
  const isOperator = requires('operator')
  const tags = ['webhooks']

  app.openapi(
    createRoute({
      method: 'post',
      path: '/webhooks',
      summary: 'Add an endpoint; the answer shows its signing secret once',
      tags,
      middleware: [isOperator] as const,
      request: {
        body: {
          content: {
            'application/json': {
              schema: z
                .strictObject({ url: z.string().min(1).max(2000), events: events.optional() })
                .openapi('WebhookWish'),
            },
          },
        },
      },
      responses: {
        201: json(
          endpoint.extend({ secret: z.string() }).openapi('WebhookEndpointAdded'),
          'Added; messages carry `webhook-id`, `webhook-timestamp` and `webhook-signature`',
        ),
        ...problems(409, 422),
      },
    }),
    async (c) => {
      const { url, events: wanted } = c.req.valid('json')
      const wish = wanted === undefined ? { url } : { url, events: wanted }
      const added = await addEndpoint(webhooks, wish)
      note(c, { subject: added.endpoint.id })
      return c.json({ ...shown(added.endpoint), secret: added.secret }, 201)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/webhooks',
      summary: 'All endpoints, without their secrets',
      tags,
      middleware: [isOperator] as const,
      responses: { 200: json(z.object({ endpoints: z.array(endpoint) }), 'The endpoints') },
    }),
    async (c) => c.json({ endpoints: (await store.endpoints(department)).map(shown) }, 200),
  )

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/webhooks/{id}',
      summary: 'Remove an endpoint and what waits for it',
      tags,
      middleware: [isOperator] as const,
      request: { params },
      responses: { 204: { description: 'Removed' }, ...problems(404) },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      note(c, { subject: id })
      await removeEndpoint(webhooks, id)
      return c.body(null, 204)
    },
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/webhooks/{id}/test',
      summary: 'Send a test message now; if it is taken, a disabled endpoint is active again',
      tags,
      middleware: [isOperator] as const,
      request: { params },
      responses: {
        200: json(
          z.object({ taken: z.boolean(), status: z.number().int().optional() }),
          'What the receiver answered',
        ),
        ...problems(404),
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      note(c, { subject: id })
      const { isTaken: taken, status } = await testEndpoint(webhooks, id)
      return c.json({ taken, ...(status !== undefined && { status }) }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/webhooks/{id}/deliveries',
      summary: 'Recent messages to an endpoint, newest first',
      tags,
      middleware: [isOperator] as const,
      request: {
        params,
        query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
      },
      responses: {
        200: json(z.object({ deliveries: z.array(delivery) }), 'The messages'),
        ...problems(404),
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      const found = await recentDeliveries(webhooks, id, c.req.valid('query').limit)
      return c.json({ deliveries: found.map(shownDelivery) }, 200)
    },
  )
}

function shown({ id, url, events, state, failingSince, createdAt }: WebhookEndpoint) {
  return {
    id,
    url,
    events: events as (typeof eventTypes)[number][],
    state,
    ...(failingSince && { failing_since: failingSince.toISOString() }),
    created_at: createdAt.toISOString(),
  }
}

function shownDelivery(one: WebhookDelivery) {
  const { id, event, state, attempts, nextAt, lastStatus, createdAt } = one
  return {
    id,
    event,
    state,
    attempts,
    ...(state === 'waiting' && { next_at: nextAt.toISOString() }),
    ...(lastStatus !== undefined && { last_status: lastStatus }),
    created_at: createdAt.toISOString(),
  }
}
