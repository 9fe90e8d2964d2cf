import { createRoute, z } from '@hono/zod-openapi'
import type { AccreditorService } from '../wire/accreditorService.ts'
import { type RouteGroup, requires } from './chassis.ts'

const line = z
  .object({
    id: z.number().int(),
    hash: z.string().openapi({ description: 'SHA-256 over the hash before and this line, hex' }),
    at: z.iso.datetime(),
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .openapi('AuditLine')

/** `GET /audit`: the append-only log, oldest first; `weir fsck` verifies its chain of hashes. */
export const addAuditRoutes: RouteGroup<Pick<AccreditorService, 'audit'>> = (app, { audit }) => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit',
      summary: 'Who did what, and who asked for which certificate for which purpose',
      tags: ['audit'],
      middleware: [requires('auditor')] as const,
      request: {
        query: z.object({
          after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
      },
      responses: {
        200: {
          description: 'Lines with ids above `after`',
          content: { 'application/json': { schema: z.object({ lines: z.array(line) }) } },
        },
      },
    }),
    async (c) => {
      const { after, limit } = c.req.valid('query')
      const found = await audit.scan(after, limit)
      const lines = found.map(({ id, hash, entry: { at, ...entry } }) => ({
        id,
        hash,
        at: at.toISOString(),
        ...entry,
        detail: { ...entry.detail },
      }))
      return c.json({ lines }, 200)
    },
  )
}
