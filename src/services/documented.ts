import type { RouteConfig } from '@hono/zod-openapi'
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
  const statuses = sharedStatuses(route, guard !== undefined)
  const shared = isOAuth ? oauthErrors(...statuses) : problems(...statuses)
  const middleware = body ? [...given, readBody(Object.keys(body.content))] : given
  return {
    ...route,
    ...(body && { request: { ...route.request, body: { required: true, ...body } } }),
    ...(guard && { security: [{ token: [...guard.roles] }] }),
    responses: { ...shared, ...route.responses },
    middleware: middleware as RouteConfig['middleware'],
  }
}

function sharedStatuses(route: RouteConfig, isGuarded: boolean): ProblemStatus[] {
  const { body, query, params, headers } = route.request ?? {}
  return [
    ...(body || query || params || headers ? ([400] as const) : []),
    ...(isGuarded ? ([401, 403] as const) : []),
    ...(body ? ([413, 415] as const) : []),
    429,
    503,
  ]
}
