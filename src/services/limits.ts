import type { MiddlewareHandler } from 'hono'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { OutsideError, TrustError } from '../errors.ts'
import type { Env } from './chassis.ts'
import { clientOf } from './client.ts'

/** How much a service takes on. */
export type Limits = {
  /** Of one client. */
  readonly requestsPerMinute: number
  /** Worked on at once, from all clients. */
  readonly concurrency: number
  readonly proxies: number
}

/** Management calls without a valid token that one client may make in a minute. */
const wrongTokensPerMinute = 30

/** Bodies that may be under way at once: from all clients, and from one. */
const mostBodies = 2048
const mostBodiesOfOne = 128

/** Always answered, so that a probe learns how a busy service is. */
const probes: ReadonlySet<string> = new Set(['/healthz'])

/**
 * Refuses before any work is done: a client above its rate with 429, everybody with 503 while as much runs
 * as may run at once. Management calls without a valid token are counted apart, so that nobody fills the audit
 * log with them.
 */
export function limit({ requestsPerMinute, concurrency, proxies }: Limits): MiddlewareHandler<Env> {
  const requests = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 })
  const wrong = new RateLimiterMemory({ points: wrongTokensPerMinute, duration: 60 })
  let running = 0
  const bodies = new Map<string, number>()
  let allBodies = 0
  const receiving = async <T>(client: string, body: () => Promise<T>): Promise<T> => {
    const own = bodies.get(client) ?? 0
    if (own >= mostBodiesOfOne) throw new OutsideError('service/too-many-requests')
    if (allBodies >= mostBodies) throw new OutsideError('service/busy')
    bodies.set(client, own + 1)
    allBodies += 1
    running -= 1
    let received: T
    try {
      received = await body()
    } finally {
      allBodies -= 1
      const left = bodies.get(client)! - 1
      if (left === 0) bodies.delete(client)
      else bodies.set(client, left)
      running += 1
    }
    if (running > concurrency) throw new OutsideError('service/busy')
    return received
  }
  return async (c, next) => {
    if (probes.has(c.req.path)) return next()
    if (running >= concurrency) throw new OutsideError('service/busy')
    // Counted before anything is waited for, so that nobody slips in between.
    running += 1
    const client = clientOf(c, proxies)
    c.set('receiving', (body) => receiving(client, body))
    const { authenticate } = c.var
    c.set('authenticate', (authorization) =>
      authenticate(authorization).catch(async (error) => {
        // A valid token always passes: nobody is locked out by whoever shares the address.
        if (error instanceof TrustError) await wrong.consume(client).catch(tooMany)
        throw error
      }),
    )
    try {
      await requests.consume(client).catch(tooMany)
      await next()
    } finally {
      running -= 1
    }
  }
}

function tooMany(): never {
  throw new OutsideError('service/too-many-requests')
}
