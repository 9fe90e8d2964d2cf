import { createHash, randomUUID } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'
import { keepWish, waiting } from './approvals.ts'
import { successorWishSchema } from './successorWish.ts'

/** `/certificates/{fingerprint}/successor`: a new version, decided by two people. */
export const addSuccessorRoutes: RouteGroup = (app, service) => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/certificates/{fingerprint}/successor',
      summary: 'Replace a certificate by a new version; waits for a second person',
      tags: ['certificates'],
      middleware: [requires('clerk')] as const,
      request: {
        params: z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/) }),
        headers: z.object({
          'idempotency-key': z
            .string()
            .regex(/^[\x21-\x7e]{1,200}$/)
            .optional(),
        }),
        body: { content: { 'application/json': { schema: successorWishSchema } } },
      },
      responses: {
        202: {
          description: 'Waits for a second person',
          content: { 'application/json': { schema: waiting } },
        },
        ...problems(404, 409, 422),
      },
    }),
    async (c) => {
      const { fingerprint } = c.req.valid('param')
      note(c, { subject: fingerprint })
      const given = c.req.valid('header')['idempotency-key'] ?? randomUUID()
      const key = createHash('sha256').update(`${c.var.actor.name}\n${given}`).digest('hex')
      const text = await c.req.text()
      const limits = { maxLength: text.length, maxNodes: 100_000 }
      const claims = parseJsonObject(text, limits).claims as JsonObject
      const wish = { ...c.req.valid('json'), claims, key, fingerprint }
      const approval = await keepWish(service, c.var.actor, { do: 'supersede', wish })
      return c.json({ approval }, 202)
    },
  )
}
