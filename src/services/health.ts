import { createRoute, z } from '@hono/zod-openapi'
import type { Hosted, Probe } from '../wire/service.ts'
import type { RouteGroup } from './chassis.ts'
import { watches } from './chassis.ts'

/** A probe that has not answered by then has failed. */
const patienceMs = 2000
/** Anybody may ask; the store and the chain are asked once in so long. */
const keptMs = 1000

const isUp = z.object({ status: z.literal('up') }).openapi('Health')
const readiness = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    checks: z.record(z.string(), z.boolean()),
  })
  .openapi('Readiness')

/** `/healthz` (the process answers), `/readyz` (all probes hold), `/metrics` (Prometheus; role operator). */
export const addHealthRoutes: RouteGroup<Hosted> = (app, service) => {
  let last: { readonly at: number; readonly checks: Promise<Record<string, boolean>> } | undefined
  const json = <S extends z.ZodType>(schema: S, description: string) => ({
    description,
    content: { 'application/json': { schema } },
  })
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      summary: 'Whether the process answers',
      tags: ['operation'],
      responses: { 200: json(isUp, 'It does') },
    }),
    (c) => c.json({ status: 'up' } as const, 200),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      summary: 'Whether store, keys, chain and status lists are as they must be',
      tags: ['operation'],
      responses: { 200: json(readiness, 'Ready'), 503: json(readiness, 'Not ready') },
    }),
    async (c) => {
      if (last === undefined || performance.now() - last.at > keptMs) {
        last = { at: performance.now(), checks: checksOf(service.probes) }
      }
      const checks = await last.checks
      return Object.values(checks).every(Boolean)
        ? c.json({ status: 'ready' as const, checks }, 200)
        : c.json({ status: 'not-ready' as const, checks }, 503)
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/metrics',
      summary: 'Counts and durations for Prometheus',
      tags: ['operation'],
      middleware: [watches('operator')] as const,
      responses: {
        200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } },
      },
    }),
    async (c) => {
      const { metrics } = c.var
      return c.text(await metrics.metrics(), 200, { 'Content-Type': metrics.contentType })
    },
  )
}

async function checksOf(probes: readonly Probe[]): Promise<Record<string, boolean>> {
  const pairs = probes.map(async (probe) => [probe.name, await holds(probe)] as const)
  return Object.fromEntries(await Promise.all(pairs))
}

async function holds({ check }: Probe): Promise<boolean> {
  const late = new Promise<false>((resolve) => {
    setTimeout(() => resolve(false), patienceMs).unref()
  })
  return Promise.race([check().catch(() => false), late])
}
