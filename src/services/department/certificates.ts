import { createHash, randomUUID } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { copiesOf } from '../../issuer/status.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'
import { keepWish, needsTwo, waiting } from './approvals.ts'
import { certificateState, stateOf } from './certificateState.ts'
import { certificateAnswer, issueWish, issueWishSchema } from './issueWish.ts'
import { changeWish, statusWishSchema } from './statusWish.ts'

const purpose = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .openapi({ description: 'Why it is looked at 用证事由; kept in the audit log; names no person' })
const fingerprint = z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/) })

/** `/certificates`: issuing, looking at and changing them, for a department's own systems. */
export const addCertificateRoutes: RouteGroup = (app, service) => {
  const { issuer } = service.department
  const tags = ['certificates']
  const json = <S extends z.ZodType>(schema: S, description: string) => ({
    description,
    content: { 'application/json': { schema } },
  })
  const headers = z.object({
    'idempotency-key': z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .optional()
      .openapi({ description: 'The same key and wish again give the same certificate, for ever' }),
  })

  app.openapi(
    createRoute({
      method: 'post',
      path: '/certificates',
      summary: 'Issue a certificate',
      tags,
      middleware: [requires('clerk')] as const,
      request: { headers, body: { content: { 'application/json': { schema: issueWishSchema } } } },
      responses: {
        201: json(certificateAnswer, 'Issued; it is anchored with the next batch'),
        202: json(waiting, 'Waits for a second person'),
        ...problems(409, 422),
      },
    }),
    async (c) => {
      const asked = c.req.valid('json')
      const given = c.req.valid('header')['idempotency-key'] ?? randomUUID()
      const key = createHash('sha256').update(`${c.var.actor.name}\n${given}`).digest('hex')
      // As the strict parser reads them: no member is lost, whatever its name.
      const text = await c.req.text()
      const limits = { maxLength: text.length, maxNodes: 100_000 }
      const claims = parseJsonObject(text, limits).claims as JsonObject
      const wish = { ...asked, claims, key }
      if (needsTwo(service, asked.type)) {
        const approval = await keepWish(service, c.var.actor, { do: 'issue', wish })
        note(c, { subject: `type ${asked.type.slice(0, 100)}` })
        return c.json({ approval }, 202)
      }
      const answer = await issueWish(service, wish)
      note(c, { subject: answer.copies[0]!.fingerprint })
      return c.json(answer, 201)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/certificates/{fingerprint}',
      summary: 'Where a certificate stands: anchoring, status, proof',
      tags,
      middleware: [requires('clerk', 'reviewer', 'approver', 'auditor')] as const,
      request: { params: fingerprint, query: z.object({ purpose }) },
      responses: { 200: json(certificateState, 'Its copies'), ...problems(404) },
    }),
    async (c) => {
      const subject = c.req.valid('param').fingerprint
      const { purpose: said } = c.req.valid('query')
      note(c, { subject, ...(said !== undefined && { purpose: said }) })
      return c.json(await stateOf(issuer, subject), 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/certificates/{fingerprint}/status',
      summary: 'Suspend, resume or revoke; revoking waits for a second person',
      tags,
      middleware: [requires('clerk')] as const,
      request: {
        params: fingerprint,
        body: { content: { 'application/json': { schema: statusWishSchema } } },
      },
      responses: {
        202: json(
          z.union([z.object({ queued: z.number().int() }), waiting]),
          'Queued for the next batch, or waits for a second person',
        ),
        ...problems(404, 409, 422),
      },
    }),
    async (c) => {
      const subject = c.req.valid('param').fingerprint
      note(c, { subject })
      const wish = { ...c.req.valid('json'), fingerprint: subject }
      const [copy] = await copiesOf(issuer, { fingerprint: subject })
      if (wish.to === 'revoked' || needsTwo(service, copy!.certificateType)) {
        return c.json(
          { approval: await keepWish(service, c.var.actor, { do: 'status', wish }) },
          202,
        )
      }
      const people = { operator: c.var.actor.name }
      return c.json({ queued: await changeWish(service, wish, people) }, 202)
    },
  )
}
