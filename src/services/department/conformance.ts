import { createRoute, z } from '@hono/zod-openapi'
import type { RouteGroup } from '../chassis.ts'

const identifiers = z
  .object({
    dataIntegrityIssuer: z.string(),
    jwtIssuer: z.string(),
    sdJwtIssuer: z.string(),
  })
  .openapi('ConformanceIdentifiers')

/** In development only: the DIDs that this service can sign with, for conformance suites. */
export const addConformanceRoutes: RouteGroup = (app, { department, integrity, isDevelopment }) => {
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
    (c) => {
      const { did } = department
      return c.json({ dataIntegrityIssuer: integrity.did, jwtIssuer: did, sdJwtIssuer: did }, 200)
    },
  )
}
