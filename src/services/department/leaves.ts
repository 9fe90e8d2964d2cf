import { createRoute, z } from '@hono/zod-openapi'
import { InputError } from '../../errors.ts'
import type { RouteGroup } from '../chassis.ts'
import { answerLeaves, leafHeaders, leafResponses } from '../leafFile.ts'

/** The department's own leaf files, for everybody who mirrors them; only what the chain has already. */
export const addLeafRoutes: RouteGroup = (app, { department }) => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/batches/{issuer}/{sequence}/leaves',
      summary: 'The leaf file of an anchored batch',
      description: 'Leaf hashes in ascending order, 32 bytes each. It never changes.',
      tags: ['anchoring'],
      request: {
        params: z.object({
          issuer: z.string().regex(/^0x[0-9a-f]{40}$/),
          sequence: z.string().regex(/^[1-9][0-9]{0,14}$/),
        }),
        headers: leafHeaders,
      },
      responses: leafResponses,
    }),
    async (c) => {
      const { issuer, sequence } = c.req.valid('param')
      const batch =
        issuer === department.address
          ? await department.store.outbox.batch(issuer, Number(sequence))
          : undefined
      // Before it is anchored the file would tell how much was issued, and it may change.
      const isAnchored = batch?.state === 'anchored' || batch?.state === 'final'
      if (batch === undefined || !isAnchored || batch.size === 0) {
        throw new InputError('request/not-found')
      }
      return answerLeaves(c, batch)
    },
  )
}
