import { createRoute, z } from '@hono/zod-openapi'
import { registeredKeys, rotateKey } from '../../wire/rotate.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'

const key = z
  .object({
    purpose: z.enum(['assertion', 'status', 'request']),
    thumbprint: z.string().openapi({ description: 'RFC 7638, SHA-256, `0x` and 64 hex digits' }),
    state: z.enum(['in use', 'retired', 'compromised', 'unregistered']),
  })
  .openapi('RegisteredKey')
const keys = { 'application/json': { schema: z.object({ keys: z.array(key) }) } }

/** The department's keys: what the registry says of them, and rotation while the service goes on. */
export const addKeyRoutes: RouteGroup = (app, service) => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/keys',
      summary: 'The department’s keys, oldest first',
      tags: ['keys'],
      middleware: [requires('keymaster', 'auditor', 'operator')] as const,
      responses: { 200: { description: 'Keys', content: keys } },
    }),
    async (c) => c.json({ keys: await registeredKeys(service) }, 200),
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/keys/rotations',
      summary: 'Let the next key of a purpose in, anchor what the old one signed, retire that',
      tags: ['keys'],
      middleware: [requires('keymaster')] as const,
      request: {
        body: {
          content: {
            'application/json': {
              schema: z.object({ purpose: key.shape.purpose }).strict().openapi('Rotation'),
            },
          },
        },
      },
      responses: {
        200: { description: 'Rotated', content: keys },
        ...problems(400, 409, 422),
      },
    }),
    async (c) => {
      const { purpose } = c.req.valid('json')
      note(c, { subject: purpose })
      return c.json({ keys: await rotateKey(service, purpose) }, 200)
    },
  )
}
