import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Env } from './chassis.ts'

/** Nothing but our own style sheets and pictures; no script at all. */
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/**
 * Names the request and adds the headers that every answer has. A route may set its own
 * `Cache-Control`, `Content-Security-Policy` and CORS headers; by default nothing is kept and no other
 * origin reads.
 */
export function protect(baseUrl: URL): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.set('requestId', randomUUID())
    await next()
    const { headers } = c.res
    headers.set('X-Request-Id', c.var.requestId)
    headers.set('X-Content-Type-Options', 'nosniff')
    headers.set('Referrer-Policy', 'no-referrer')
    headers.set('X-Frame-Options', 'DENY')
    if (baseUrl.protocol === 'https:') headers.set('Strict-Transport-Security', 'max-age=31536000')
    if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', policy)
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
    if (!headers.has('Cross-Origin-Resource-Policy')) {
      headers.set('Cross-Origin-Resource-Policy', 'same-origin')
    }
  }
}
