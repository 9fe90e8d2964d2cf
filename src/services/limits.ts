import type { MiddlewareHandler } from 'hono'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { OutsideError } from '../errors.ts'
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

/** Wrong tokens that one client may send in a minute. */
const wrongTokensPerMinute = 30

/** Always answered, so that a probe learns how a busy service is. */
const probes: ReadonlySet<string> = new Set(['/healthz'])

/**
 * Refuses before any work is done: a client above its rate with 429, everybody with 503 while as much runs
 * as may run at once. Wrong tokens are counted apart, so that guessing is slow.
 */
export function limit({ requestsPerMinute, concurrency, proxies }: Limits): MiddlewareHandler<Env> {
  const requests = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 })
  const wrong = new RateLimiterMemory({ points: wrongTokensPerMinute, duration: 60 })
  let running = 0
  return async (c, next) => {
    if (probes.has(c.req.path)) return next()
    if (running >= concurrency) throw new OutsideError('service/busy')
    // Counted before anything is waited for, so that nobody slips in between.
    running += 1
    const client = clientOf(c, proxies)
    try {
      if (c.req.header('authorization') !== undefined && (await isSpent(wrong, client))) {
        throw new OutsideError('service/too-many-requests')
      }
      await requests.consume(client).catch(tooMany)
      await next()
    } finally {
      running -= 1
    }
    if (c.var.code === 'service/unauthenticated') await wrong.penalty(client)
  }
}

async function isSpent(limiter: RateLimiterMemory, client: string): Promise<boolean> {
  const used = await limiter.get(client)
  return used !== null && used.consumedPoints >= wrongTokensPerMinute
}

function tooMany(): never {
  throw new OutsideError('service/too-many-requests')
}
