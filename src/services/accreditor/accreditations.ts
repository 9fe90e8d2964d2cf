import { createRoute, z } from '@hono/zod-openapi'
import { accredit, withdraw } from '../../accreditor/accredit.ts'
import { registerDepartment } from '../../accreditor/register.ts'
import { findType } from '../../certificate/types.ts'
import type { AccreditorService } from '../../wire/accreditorService.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/)
  .openapi({ description: 'original did:ethr address of the department, lower case' })
const type = z.string().max(200).openapi({ description: 'id or URI of a certificate type' })

const wish = z
  .object({
    department: address,
    type,
    rights: z
      .array(z.enum(['issue', 'accredit']))
      .min(1)
      .max(2)
      .default(['issue']),
    until: z.iso.datetime(),
  })
  .strict()
  .openapi('AccreditationWish')

const done = z.object({ department: address, type: z.string() }).openapi('Accredited')

/** Accreditations of the departments in this accreditor's care. */
export const addAccreditationRoutes: RouteGroup<AccreditorService> = (app, { accreditor }) => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/accreditations',
      summary: 'Register a department if need be, and accredit it for a certificate type',
      tags: ['accreditation'],
      middleware: [requires('approver')] as const,
      request: { body: { content: { 'application/json': { schema: wish } } } },
      responses: {
        201: { description: 'In force', content: { 'application/json': { schema: done } } },
        ...problems(400, 404, 409, 422),
      },
    }),
    async (c) => {
      const { department, type: asked, rights, until } = c.req.valid('json')
      note(c, { subject: department })
      const { uri } = findType(asked)
      await registerDepartment(accreditor, { department, account: department, type: uri })
      await accredit(accreditor, { department, type: uri, rights, until: new Date(until) })
      return c.json({ department, type: uri }, 201)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/accreditations/withdrawals',
      summary: 'Withdraw what a department was allowed for a type; what was anchored stays good',
      tags: ['accreditation'],
      middleware: [requires('approver')] as const,
      request: {
        body: {
          content: {
            'application/json': {
              schema: z
                .object({ department: address, type, keep: type.optional() })
                .strict()
                .openapi('Withdrawal'),
            },
          },
        },
      },
      responses: {
        200: {
          description: 'Withdrawn',
          content: {
            'application/json': { schema: z.object({ records: z.number().int() }) },
          },
        },
        ...problems(400, 404, 409, 422),
      },
    }),
    async (c) => {
      const { department, type: asked, keep } = c.req.valid('json')
      note(c, { subject: department })
      const records = await withdraw(accreditor, {
        department,
        type: findType(asked).uri,
        ...(keep !== undefined && { keep: findType(keep).uri }),
      })
      return c.json({ records }, 200)
    },
  )
}
