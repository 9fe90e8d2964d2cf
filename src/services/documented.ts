import { type RouteConfig, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { readBody } from './body.ts'
import { type App, type Guard, speaksOAuth } from './chassis.ts'
import { oauthErrors } from './oauthError.ts'
import { type ProblemStatus, problems } from './problem.ts'

/**
 * Makes `app.openapi` add to each route what all have: bodies are read by `readBody` and required unless
 * the route says otherwise; roles become its `security`; statuses that the chassis itself answers with
 * are documented.
 */
export function documenting(app: App): App {
  const add = app.openapi
  const documented = (route: RouteConfig, ...rest: unknown[]) =>
    (add as (...all: unknown[]) => unknown)(withShared(route), ...rest)
  app.openapi = documented as typeof app.openapi
  return app
}

function withShared(route: RouteConfig): RouteConfig {
  const given = [route.middleware ?? []].flat() as MiddlewareHandler[]
  const guard = given.find((one): one is MiddlewareHandler & Guard => 'roles' in one)
  const isOAuth = given.includes(speaksOAuth as MiddlewareHandler)
  const body = route.request?.body
  const behind = given.filter((one) => 'isIdempotent' in one)
  const before = given.filter((one) => !('isIdempotent' in one))
  const statuses = sharedStatuses(route, guard !== undefined, behind.length > 0)
  const shared = isOAuth ? oauthErrors(...statuses) : problems(...statuses)
  const reads = body ? [readBody(Object.keys(body.content), body.required ?? true)] : []
  const middleware = [...before, ...reads, ...behind]
  return {
    ...route,
    request: {
      ...route.request,
      ...(body && { body: { required: true, ...body } }),
      ...(behind.length > 0 && { headers: z.object({ 'idempotency-key': idempotencyKey }) }),
    },
    ...(guard && { security: [{ token: [...guard.roles] }] }),
    responses: { ...shared, ...route.responses },
    middleware: middleware as RouteConfig['middleware'],
  }
}

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .optional()
  .openapi({ description: 'The same key and body again give the stored answer for 24 hours' })

function sharedStatuses(
  route: RouteConfig,
  isGuarded: boolean,
  isIdempotent: boolean,
): ProblemStatus[] {
  const { body, query, params, headers } = route.request ?? {}
  return [
    ...(body || query || params || headers ? ([400] as const) : []),
    ...(isGuarded ? ([401, 403] as const) : []),
    ...(body ? ([413, 415] as const) : []),
    ...(isIdempotent ? ([400, 409, 422] as const) : []),
    429,
    503,
  ]
}
