import { createRoute, z } from '@hono/zod-openapi'
import { listKinds } from '../../certificate/listAddress.ts'
import { InputError } from '../../errors.ts'
import { mirroredLists } from '../../registry/lists.ts'
import { pastOf } from '../../registry/lookUp.ts'
import { acceptable } from '../accept.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'

/** Forms that a department signs; a token list is offered first where a certificate names one. */
const signed = ['application/statuslist+jwt', 'application/vc+jwt'] as const
const jwt = { schema: z.string() }

/** Departments' published status lists under the deployment-wide base, as they signed them. */
export const addListRoutes: RegistryRoutes = (app, { registry }) => {
  const lists = mirroredLists(registry)
  app.openapi(
    createRoute({
      method: 'get',
      path: '/status-lists/{department}/{list}/{kind}',
      summary: 'A department’s status list, as it published and signed it',
      description:
        'Always the whole list, so that nobody learns which certificate is checked. What it says is signed by the department; this node only hands it on.',
      tags: ['status'],
      request: {
        params: z.object({
          department: z.string().regex(/^0x[0-9a-f]{40}$/),
          list: z.string().regex(/^(0|[1-9][0-9]{0,9})$/),
          kind: z.enum(listKinds),
        }),
        query: z.object({
          time: z
            .string()
            .regex(/^(\d{1,11}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z)$/)
            .optional()
            .openapi({ description: 'a past moment: seconds since 1970, or RFC 3339 in UTC' }),
        }),
      },
      responses: {
        200: {
          description: 'The whole list',
          content: { 'application/statuslist+jwt': jwt, 'application/vc+jwt': jwt },
        },
        ...problems(400, 404, 503),
      },
    }),
    async (c) => {
      const { department, list, kind } = c.req.valid('param')
      const offers =
        kind === 'token' ? signed : ([...signed].reverse() as (typeof signed)[number][])
      if ((await pastOf(registry).view.department(department)) === undefined) {
        throw new InputError('mirror/not-found')
      }
      const mediaType = acceptable(c.req.header('accept'), offers)
      if (mediaType === undefined) throw new InputError('mirror/not-found')
      const { time } = c.req.valid('query')
      const found = await lists({ department, list: Number(list), kind, mediaType, time })
      return c.body(new Uint8Array(found.body), 200, {
        'Content-Type': found.mediaType,
        'Cache-Control': 'public, max-age=15',
        Vary: 'Accept',
        ...(found.etag !== undefined && { ETag: found.etag }),
      })
    },
  )
}
