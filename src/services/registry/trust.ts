import { createRoute, z } from '@hono/zod-openapi'
import { stateTrust } from '../../registry/trust.ts'
import { problems } from '../problem.ts'
import type { RegistryRoutes } from './group.ts'
import { blockJson, blockSchema, json } from './schemas.ts'

const identifier = z.string().min(1).max(512)
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)$/)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .openapi({ description: 'RFC 3339, UTC', format: 'date-time' })
const query = z
  .object({
    entity_id: identifier.openapi({ description: 'DID of the department asked about' }),
    authority_id: identifier.openapi({ description: 'DID of an accreditor above it' }),
    action: identifier,
    resource: identifier.openapi({ description: 'URI of a certificate type' }),
    context: z.object({ time: time.optional() }).catchall(z.string().max(1000)).optional(),
  })
  .openapi('TrustQuery')
const statement = {
  entity_id: z.string(),
  authority_id: z.string(),
  action: z.string(),
  resource: z.string(),
  time_requested: z.iso.datetime().optional(),
  time_evaluated: z.iso.datetime(),
  message: z.string(),
  context: z.record(z.string(), z.string()).optional(),
  block: blockSchema,
}
const authorization = z
  .object({ ...statement, authorized: z.boolean() })
  .openapi('AuthorizationResponse')
const recognition = z
  .object({ ...statement, recognized: z.boolean() })
  .openapi('RecognitionResponse')

/** Trust statements in the words of the ToIP Trust Registry Query Protocol 2.0. */
export const addTrustRoutes: RegistryRoutes = (app, { registry }) => {
  const answer = async (kind: 'authorization' | 'recognition', asked: z.infer<typeof query>) => {
    const { entity_id, authority_id, action, resource, context } = asked
    const at = context?.time === undefined ? undefined : new Date(context.time)
    const { isGranted, evaluatedAt, block } = await stateTrust(registry, {
      kind,
      entity: entity_id,
      authority: authority_id,
      action,
      resource,
      time: at,
    })
    const told = {
      entity_id,
      authority_id,
      action,
      resource,
      ...(at && { time_requested: at.toISOString() }),
      time_evaluated: evaluatedAt.toISOString(),
      message: isGranted
        ? 'An accreditation that this authority stands above holds in every link.'
        : 'No accreditation that this authority stands above holds for this resource at that time.',
      ...(context && { context: plain(context) }),
      block: blockJson(block),
    }
    return { told, isGranted }
  }
  const body = { content: { 'application/json': { schema: query } } }

  app.openapi(
    createRoute({
      method: 'post',
      path: '/authorization',
      summary: 'Has this authority authorized the entity to issue certificates of this type?',
      description: 'ToIP TRQP 2.0. The action is `issue`.',
      tags: ['trust registry'],
      request: { body },
      responses: { 200: json(authorization, 'Yes or no'), ...problems(400, 404, 503) },
    }),
    async (c) => {
      const { told, isGranted } = await answer('authorization', c.req.valid('json'))
      return c.json({ ...told, authorized: isGranted }, 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/recognition',
      summary: 'Does this authority recognize the entity as an accreditor for this type?',
      description: 'ToIP TRQP 2.0. The action is `recognize` (or `accredit`).',
      tags: ['trust registry'],
      request: { body },
      responses: { 200: json(recognition, 'Yes or no'), ...problems(400, 404, 503) },
    }),
    async (c) => {
      const { told, isGranted } = await answer('recognition', c.req.valid('json'))
      return c.json({ ...told, recognized: isGranted }, 200)
    },
  )
}

function plain(context: { readonly [name: string]: string | undefined }): Record<string, string> {
  const entries = Object.entries(context).filter((entry) => entry[1] !== undefined)
  return Object.fromEntries(entries) as Record<string, string>
}
