import { createRoute, z } from '@hono/zod-openapi'
import type { AnchorRecord } from '../../anchor/model.ts'
import { InputError } from '../../errors.ts'
import { pastOf } from '../../registry/lookUp.ts'
import { answerLeaves, leafHeaders, leafResponses } from '../leafFile.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'
import {
  blockJson,
  blockSchema,
  departmentName,
  didOf,
  hash,
  json,
  moment,
  readDepartment,
  sequenceText,
} from './schemas.ts'

const batch = z
  .object({
    issuer: z.string(),
    sequence: z.number().int(),
    previous: z.string(),
    root: hash.openapi({ description: 'zero where the batch holds status changes only' }),
    size: z.number().int(),
    anchoredAtBlock: z.number().int(),
    anchoredAt: moment,
    isMirrored: z.boolean().openapi({ description: 'whether its leaf file is kept here' }),
    leaves: z.url().optional(),
  })
  .openapi('Batch')
const pageSize = 100
const noRoot = `0x${'00'.repeat(32)}`

/** Batches as the chain has them, and their leaf files as immutable resources. */
export const addBatchRoutes: RegistryRoutes = (app, { registry, baseUrl }) => {
  const { chainId } = registry.chain.identity
  const base = baseUrl.href.replace(/\/$/, '')
  const batchJson = (anchor: AnchorRecord, kept: ReadonlyMap<number, string>) => {
    const { issuer, sequence, previous, root, size, block, time } = anchor
    const isMirrored = root !== noRoot && kept.get(sequence) === root
    return {
      issuer: didOf(issuer, chainId),
      sequence,
      previous,
      root,
      size,
      anchoredAtBlock: block,
      anchoredAt: time.toISOString(),
      isMirrored,
      ...(isMirrored && { leaves: `${base}/batches/${issuer}/${sequence}/leaves` }),
    }
  }
  const keptFrom = async (issuer: string, after: number, limit: number) => {
    const kept = await registry.leaves.kept(issuer, after, limit)
    return new Map(kept.map(({ sequence, root }) => [sequence, root]))
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/batches/{issuer}',
      summary: 'Batches of a department, a hundred at a time',
      tags: ['batches'],
      request: {
        params: z.object({ issuer: departmentName }),
        query: z.object({
          after: z
            .string()
            .regex(/^(0|[1-9][0-9]{0,14})$/)
            .optional()
            .openapi({ description: 'batches after this one' }),
        }),
      },
      responses: {
        200: json(z.object({ block: blockSchema, batches: z.array(batch) }), 'Batches in order'),
        ...problems(400, 404, 503),
      },
    }),
    async (c) => {
      const past = pastOf(registry)
      const issuer = readDepartment(c.req.valid('param').issuer, chainId)
      if ((await past.view.department(issuer)) === undefined) {
        throw new InputError('mirror/not-found')
      }
      const after = Number(c.req.valid('query').after ?? 0)
      const anchors = await past.anchors(issuer, after, pageSize)
      const kept = await keptFrom(issuer, after, pageSize)
      const batches = anchors.map((anchor) => batchJson(anchor, kept))
      return c.json({ block: blockJson(past.view.block), batches }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/batches/{issuer}/{sequence}',
      summary: 'One batch',
      tags: ['batches'],
      request: { params: z.object({ issuer: departmentName, sequence: sequenceText }) },
      responses: {
        200: json(z.object({ block: blockSchema, batch }), 'The batch'),
        ...problems(400, 404, 503),
      },
    }),
    async (c) => {
      const past = pastOf(registry)
      const { issuer: name, sequence: text } = c.req.valid('param')
      const issuer = readDepartment(name, chainId)
      const anchor = await past.view.anchor(issuer, Number(text))
      if (anchor === undefined) throw new InputError('mirror/not-found')
      const kept = await keptFrom(issuer, anchor.sequence - 1, 1)
      return c.json({ block: blockJson(past.view.block), batch: batchJson(anchor, kept) }, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/batches/{issuer}/{sequence}/leaves',
      summary: 'The leaf file of a batch, checked against the chain',
      description: 'Leaf hashes in ascending order, 32 bytes each. It never changes.',
      tags: ['batches'],
      request: {
        params: z.object({ issuer: departmentName, sequence: sequenceText }),
        headers: leafHeaders,
      },
      responses: leafResponses,
    }),
    async (c) => {
      const past = pastOf(registry)
      const { issuer: name, sequence: text } = c.req.valid('param')
      const issuer = readDepartment(name, chainId)
      const anchor = await past.view.anchor(issuer, Number(text))
      const file = anchor && (await registry.leaves.file(issuer, anchor.sequence))
      if (file === undefined || file.root !== anchor?.root) throw new InputError('mirror/not-found')
      return answerLeaves(c, file)
    },
  )
}
