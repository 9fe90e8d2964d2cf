import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { getPath } from 'hono/utils/url'
import { InputError, TrustError } from '../errors.ts'
import type { Hosted } from '../wire/service.ts'
import { appendingTogether, auditOf } from './auditLine.ts'
import { authenticatorOf } from './authentication.ts'
import type { App, Env } from './chassis.ts'
import { documenting } from './documented.ts'
import { answerError, answerInvalid } from './failure.ts'
import { protect } from './headers.ts'
import { type Limits, limit } from './limits.ts'
import { knownMethods } from './methods.ts'
import { type Log, newMetrics, observing } from './observe.ts'
import { isLoopback } from './settings.ts'

/** How a service is watched. */
export type AppOptions = { readonly log?: Log }

/**
 * An empty service: request id, headers, authentication, audit and errors stand; routes are added. A base
 * address with a path is served below that path, also `/.well-known/<name>/<path>` (RFC 8414 section 3).
 */
export function newApp(service: Hosted, { log }: AppOptions = {}): App {
  const prefix = service.baseUrl.pathname.replace(/\/$/, '')
  const app = documenting(
    new OpenAPIHono<Env>({
      defaultHook: (result, c) => (result.success ? undefined : answerInvalid(c, result)),
      getPath: (request) => withoutPrefix(getPath(request), prefix),
    }),
  )
  const authenticate = authenticatorOf(service)
  const { registry, observe } = newMetrics()
  const audit = service.audit && appendingTogether(service.audit)
  app.use(protect(service.baseUrl))
  app.use(observing(observe, ...(log ? [log] : [])))
  app.use(async (c, next) => {
    c.set('metrics', registry)
    if (service.isDevelopment && !isOwnHost(hostOf(c), service.baseUrl)) {
      throw new TrustError('service/forbidden', { at: 'host' })
    }
    c.set('errors', 'problem')
    c.set('authenticate', service.isDevelopment && isForeignPage(c) ? nobody : authenticate)
    c.set('audit', auditOf(audit, service, c))
    await next()
  })
  app.use(limit(limitsOf(service)))
  app.onError((error, c) => answerError(c, error))
  app.notFound((c) => {
    const methods = knownMethods(app, c.req.path)
    if (methods.length === 0) return answerError(c, new InputError('request/unknown-route'))
    const answer = answerError(c, new InputError('request/wrong-method'))
    answer.headers.set('Allow', methods.join(', '))
    return answer
  })
  return app
}

/** Limits of a service; in development one client may ask as often as it likes. */
function limitsOf({ configuration: { service }, isDevelopment }: Hosted): Limits {
  const { requestsPerMinute, concurrency = 256, proxies = 0 } = service ?? {}
  const standard = isDevelopment ? Number.MAX_SAFE_INTEGER : 6000
  return { requestsPerMinute: requestsPerMinute ?? standard, concurrency, proxies }
}

/**
 * Whether a service that is open to this machine was asked under a name of this machine, not under one that
 * a page of elsewhere gave it (DNS rebinding).
 */
function isOwnHost(host: string, baseUrl: URL): boolean {
  return isLoopback(host) || host === baseUrl.hostname
}

/**
 * Whether a page of elsewhere asks, from the browser of somebody at this machine: where no token is needed
 * it could do all that this person can. `Sec-Fetch-Site` is the browser's word; `Origin` that of older ones.
 */
function isForeignPage(c: Context<Env>): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = c.req.header('origin')
  return origin !== undefined && URL.parse(origin)?.host !== c.req.header('host')
}

async function nobody(): Promise<never> {
  throw new TrustError('service/unauthenticated', { at: 'origin' })
}

function hostOf(c: Context<Env>): string {
  return URL.parse(`http://${c.req.header('host') ?? 'localhost'}`)?.hostname ?? ''
}

function withoutPrefix(path: string, prefix: string): string {
  if (prefix === '') return path
  if (path === prefix || path.startsWith(`${prefix}/`)) return path.slice(prefix.length) || '/'
  const inserted = /^\/\.well-known\/[^/]+/.exec(path)?.[0]
  return inserted !== undefined && path === `${inserted}${prefix}` ? inserted : path
}
