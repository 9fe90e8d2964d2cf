import { createRoute, z } from '@hono/zod-openapi'
import { confirmKey, endKey } from '../../accreditor/keys.ts'
import type { AccreditorService } from '../../wire/accreditorService.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'

const der = z
  .string()
  .max(40_000)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .openapi({ description: 'DER, base64' })

/** What a department hands in; see `KeySubmission`. */
const submission = z
  .object({
    department: z.string().regex(/^0x[0-9a-f]{40}$/),
    purpose: z.enum(['assertion', 'status', 'request']),
    leaf: der,
    intermediates: z.array(der).max(4),
    crls: z.array(der).max(8),
    signature: z
      .string()
      .regex(/^[A-Za-z0-9+/]{86}==$/)
      .openapi({ description: '64 bytes, base64: the new key over the proposal' }),
  })
  .strict()
  .openapi('KeySubmission')

const thumbprint = z.string().regex(/^0x[0-9a-f]{64}$/)

/** Keys of the departments in this accreditor's care. */
export const addKeyRoutes: RouteGroup<AccreditorService> = (app, { accreditor }) => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/key-confirmations',
      summary: 'Confirm a key that a department proposed, after every check of its certificate',
      tags: ['keys'],
      middleware: [requires('keymaster')] as const,
      request: { body: { content: { 'application/json': { schema: submission } } } },
      responses: {
        201: {
          description: 'Registered',
          content: { 'application/json': { schema: z.object({ thumbprint }) } },
        },
        ...problems(400, 404, 409, 422),
      },
    }),
    async (c) => {
      const { department, purpose, leaf, intermediates, crls, signature } = c.req.valid('json')
      note(c, { subject: department })
      const confirmed = await confirmKey(accreditor, {
        department,
        purpose,
        leaf: bytes(leaf),
        intermediates: intermediates.map(bytes),
        crls: crls.map(bytes),
        signature: bytes(signature),
      })
      return c.json({ thumbprint: confirmed }, 201)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/keys/{thumbprint}/end',
      summary: 'Retire a key, or declare it compromised since a moment',
      tags: ['keys'],
      middleware: [requires('keymaster')] as const,
      request: {
        params: z.object({ thumbprint }),
        body: {
          content: {
            'application/json': {
              schema: z
                .discriminatedUnion('kind', [
                  z.object({ kind: z.literal('retired') }).strict(),
                  z
                    .object({ kind: z.literal('compromised'), since: z.iso.datetime().optional() })
                    .strict(),
                ])
                .openapi('KeyEnd'),
            },
          },
        },
      },
      responses: {
        200: {
          description: 'On the chain',
          content: { 'application/json': { schema: z.object({ thumbprint }) } },
        },
        ...problems(400, 404, 409, 422),
      },
    }),
    async (c) => {
      const { thumbprint: name } = c.req.valid('param')
      const end = c.req.valid('json')
      note(c, { subject: name })
      const since = end.kind === 'compromised' ? end.since : undefined
      await endKey(
        accreditor,
        name,
        end.kind === 'retired'
          ? { kind: 'retired' }
          : { kind: 'compromised', ...(since !== undefined && { since: new Date(since) }) },
      )
      return c.json({ thumbprint: name }, 200)
    },
  )
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
