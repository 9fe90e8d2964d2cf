import { createRoute, z } from '@hono/zod-openapi'
import type { RouteGroup } from '../chassis.ts'

const identifiers = z
  .object({
    dataIntegrityIssuer: z.string().optional(),
    jwtIssuer: z.string(),
    sdJwtIssuer: z.string(),
  })
  .openapi('ConformanceIdentifiers')

/** In development only: the DIDs that this service can sign with, for conformance suites. */
export const addConformanceRoutes: RouteGroup = (app, { department, isDevelopment }) => {
  if (!isDevelopment) return
  app.openapi(
    createRoute({
      method: 'get',
      path: '/conformance/identifiers',
      summary: 'The DIDs that this service signs with',
      tags: ['operation'],
      responses: {
        200: { description: 'DIDs', content: { 'application/json': { schema: identifiers } } },
      },
    }),
    (c) => c.json({ jwtIssuer: department.did, sdJwtIssuer: department.did }, 200),
  )
}
