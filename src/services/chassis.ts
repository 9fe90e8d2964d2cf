import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import type { Registry } from 'prom-client'
import type { Role } from '../configuration/model.ts'
import { TrustError } from '../errors.ts'
import type { Service } from '../wire/service.ts'

/** Who acts: a system, a post or a login's subject; its name goes to the audit log. */
export type Actor = { readonly name: string; readonly roles: readonly Role[] }

/** What a management call was about, for its audit line: digests, ids and the stated purpose, no claims. */
export type Note = { readonly subject?: string; readonly purpose?: string }

/** What every handler of a service finds in its context. */
export type Env = {
  Bindings: HttpBindings
  Variables: {
    /** Names this request in its answer's `X-Request-Id`, the log and the audit log. */
    requestId: string
    metrics: Registry
    /** Who sent this `Authorization` header. @throws {TrustError} `service/unauthenticated` */
    authenticate: (authorization: string | undefined) => Promise<Actor>
    /** Appends the audit line of a management call. */
    audit: (actor: string, note: Note, status: number, code?: string) => Promise<void>
    /** Waits for a body without the place among those that are worked on; see `limit`. */
    receiving: <T>(body: () => Promise<T>) => Promise<T>
    /** Set behind {@link requires}. */
    actor: Actor
    note: Note
    /** How errors are answered; `oauth` behind {@link speaksOAuth}. */
    errors: 'problem' | 'oauth'
    /** Code of the error that was answered, if any. */
    code: string
  }
}

/** A service's HTTP side; make one with `newApp`. */
export type App = OpenAPIHono<Env>

/** Adds the routes of one group to a service. */
export type RouteGroup<S = Service> = (app: App, service: S) => void

/** A guard and the roles it lets pass, for the reference and the role matrix. */
export type Guard = MiddlewareHandler<Env> & { readonly roles: readonly Role[] }

/**
 * Lets only those pass who have one of these roles, and writes an audit line for every call, refused ones
 * too. Use it as `middleware` of `createRoute`; it stands before all validation.
 */
export function requires(...roles: readonly Role[]): Guard {
  return guardOf(roles, true)
}

/** The same for what machines ask again and again: only refused calls are audited. */
export function watches(...roles: readonly Role[]): Guard {
  return guardOf(roles, false)
}

function guardOf(roles: readonly Role[], isAudited: boolean): Guard {
  const guard: MiddlewareHandler<Env> = async (c, next) => {
    let actor: Actor
    try {
      actor = await c.var.authenticate(c.req.header('authorization'))
    } catch (error) {
      if (error instanceof TrustError) await c.var.audit('unknown', {}, 401, error.code)
      throw error
    }
    if (!roles.some((role) => actor.roles.includes(role))) {
      await c.var.audit(actor.name, {}, 403, 'service/forbidden')
      throw new TrustError('service/forbidden', { needs: roles.join(' ') })
    }
    c.set('actor', actor)
    await next()
    if (isAudited) await c.var.audit(actor.name, c.var.note ?? {}, c.res.status, c.var.code)
  }
  return Object.assign(guard, { roles })
}

/** Says what this management call is about; what was said before is kept unless said anew. */
export function note(c: Context<Env>, said: Note): void {
  c.set('note', { ...c.var.note, ...said })
}

/** Marks a route whose errors have the form of RFC 6749 section 5.2 instead of problem details. */
export const speaksOAuth: MiddlewareHandler<Env> = async (c, next) => {
  c.set('errors', 'oauth')
  await next()
}
