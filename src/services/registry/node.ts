import { createRoute, z } from '@hono/zod-openapi'
import type { FollowState } from '../../registry/model.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'
import { blockJson, blockSchema, didOf, hash, json, moment } from './schemas.ts'

const states = [
  'starting',
  'following',
  'reorganised',
  'stalled',
  'stopped',
  'behind',
  'inconsistent',
  'wrong-chain',
] as const satisfies readonly FollowState[]

const node = z
  .object({
    block: blockSchema.nullable(),
    following: z.object({
      state: z.enum(states),
      code: z.string().nullable(),
      since: moment,
      reorganisations: z.number().int(),
    }),
    leaves: z.number().int(),
    missing: z.array(
      z.object({
        issuer: z.string(),
        sequence: z.number().int(),
        code: z.string(),
        at: moment,
      }),
    ),
    chain: z.object({ id: z.number().int(), genesisHash: hash }),
  })
  .openapi('Node')
const readiness = z
  .object({ status: z.enum(['ready', 'not-ready']), checks: z.record(z.string(), z.boolean()) })
  .openapi('Readiness')

/** How the node is: for people, probes and Prometheus. */
export const addNodeRoutes: RegistryRoutes = (app, { registry, running }) => {
  const { chainId, genesisHash } = registry.chain.identity
  app.openapi(
    createRoute({
      method: 'get',
      path: '/node',
      summary: 'How following the chain goes, and which leaf files are missing',
      tags: ['operation'],
      responses: { 200: json(node, 'The node'), ...problems(503) },
    }),
    async (c) => {
      const { state, code = null, since, head, reorganisations } = running.follower.now()
      const missing = running.faults().map((fault) => ({
        ...fault,
        issuer: didOf(fault.issuer, chainId),
        at: fault.at.toISOString(),
      }))
      return c.json(
        {
          block: head === undefined ? null : blockJson(head),
          following: { state, code, since: since.toISOString(), reorganisations },
          leaves: await registry.leaves.count(),
          missing,
          chain: { id: chainId, genesisHash },
        },
        200,
      )
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      summary: 'Whether the process answers',
      tags: ['operation'],
      responses: { 200: json(z.object({ status: z.literal('up') }), 'It does') },
    }),
    (c) => c.json({ status: 'up' } as const, 200),
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      summary: 'Whether the store answers and the chain is followed',
      tags: ['operation'],
      responses: { 200: json(readiness, 'Ready'), 503: json(readiness, 'Not ready') },
    }),
    async (c) => {
      const { state } = running.follower.now()
      const store = await registry.leaves.count().then(
        () => true,
        () => false,
      )
      const checks = { store, chain: state === 'following' || state === 'reorganised' }
      return checks.store && checks.chain
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
