import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import type { Env } from './chassis.ts'

/** All that is ever logged of a request: no address, no header, no value. */
export type RequestLine = {
  readonly method: string
  /** Route template, `unknown` where none fits. */
  readonly route: string
  readonly status: number
  /** Milliseconds until the answer began. */
  readonly ms: number
  readonly request: string
  /** Weir's code of a refusal. */
  readonly code?: string
  /** Where an unexpected error was thrown: file and line, never its message. */
  readonly at?: readonly string[]
}

/** Where request lines go. */
export type Log = (line: RequestLine) => void

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Metrics of one service in a registry of its own; counts and durations by route template, never values. */
export function newMetrics(): { readonly registry: Registry; readonly observe: Log } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'weir_' })
  const labelNames = ['method', 'route', 'status'] as const
  const requests = new Counter({
    name: 'weir_http_requests_total',
    help: 'Requests answered',
    labelNames,
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'weir_http_request_seconds',
    help: 'Seconds until an answer began',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  })
  return {
    registry,
    observe: ({ method, route, status, ms }) => {
      requests.inc({ method, route, status })
      seconds.observe({ method, route }, ms / 1000)
    },
  }
}

/** Tells each log of every request once its answer begins. */
export function observing(...logs: readonly Log[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const start = performance.now()
    await next()
    const path = routePath(c, -1)
    const line: RequestLine = {
      method: methods.has(c.req.method) ? c.req.method : 'other',
      route: path === '/*' || path === '*' ? 'unknown' : path,
      status: c.res.status,
      ms: Math.round(10 * (performance.now() - start)) / 10,
      request: c.var.requestId,
      ...(c.var.code !== undefined && { code: c.var.code }),
      ...(c.res.status === 500 && { at: places(c.error) }),
    }
    for (const log of logs) log(line)
  }
}

function places(error: Error | undefined): string[] {
  const lines = (error?.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return lines
    .slice(0, 8)
    .map((line) => line.trim().replace(/\(?file:.*\/(src|node_modules)\//, '$1/'))
}
