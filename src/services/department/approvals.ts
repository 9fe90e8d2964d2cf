import { createHash, randomBytes } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import { findType } from '../../certificate/types.ts'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError, OutsideError } from '../../errors.ts'
import type { Session } from '../../ports/sessions.ts'
import type { Service } from '../../wire/service.ts'
import { type Actor, note, type RouteGroup, requires } from '../chassis.ts'
import { idempotent } from '../idempotency.ts'
import { problems } from '../problem.ts'
import { certificateAnswer, type IssueWish, issueWish } from './issueWish.ts'
import { changeWish, type StatusChange } from './statusWish.ts'
import { type SuccessorWish, successorOf } from './successorWish.ts'

const kind = 'approval'
const keptMs = 14 * 86_400_000

/** What waits for a second person. */
export type Wish =
  | { readonly do: 'issue'; readonly wish: IssueWish }
  | { readonly do: 'status'; readonly wish: StatusChange }
  | { readonly do: 'supersede'; readonly wish: SuccessorWish }

/** The answer where a second person has to decide. */
export const waiting = z
  .object({ approval: z.string().openapi({ description: 'See /approvals/{id}' }) })
  .openapi('Waiting')

/** Whether certificates of a type are issued and changed by two people; `type` is an id or a URI. */
export function needsTwo({ configuration: { service } }: Service, type: string): boolean {
  const asked = service?.fourEyes ?? []
  return asked.length > 0 && asked.includes(findType(type).id)
}

/** Keeps a wish until another person decides, for 14 days. @returns the name to decide it by. */
export async function keepWish(service: Service, requester: Actor, wish: Wish): Promise<string> {
  const { sessions, department, clock } = service
  const id = randomBytes(16).toString('base64url')
  const value = parseJsonObject(JSON.stringify({ requester: requester.name, ...wish }), {
    maxLength: 2_000_000,
    maxNodes: 100_000,
  })
  const expiresAt = new Date(clock().getTime() + keptMs)
  await sessions.add(department.address, [{ kind, name: nameOf(id), value, expiresAt }])
  return id
}

const approvalAnswer = z
  .object({
    state: z.literal('waiting'),
    requester: z.string(),
    do: z.enum(['issue', 'status', 'supersede']),
    wish: z.looseObject({}).openapi({ description: 'What was asked, as it will be done' }),
    expires_at: z.iso.datetime(),
  })
  .openapi('Approval')

/** `/approvals/{id}`: what waits for a second person, and that person's decision. */
export const addApprovalRoutes: RouteGroup = (app, service) => {
  const { sessions, department, clock } = service
  const params = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{22}$/) })
  const json = <S extends z.ZodType>(schema: S, description: string) => ({
    description,
    content: { 'application/json': { schema } },
  })

  app.openapi(
    createRoute({
      method: 'get',
      path: '/approvals/{id}',
      summary: 'What waits for a second person',
      tags: ['certificates'],
      middleware: [requires('approver')] as const,
      request: { params },
      responses: { 200: json(approvalAnswer, 'It waits'), ...problems(404) },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      const found = await sessions.get(department.address, kind, nameOf(id), clock())
      if (found === undefined) throw new InputError('request/not-found')
      note(c, { subject: `approval ${nameOf(id)}` })
      const { requester, do: does, wish } = found.value
      const answer = {
        state: 'waiting' as const,
        requester: String(requester),
        do: does as 'issue',
        wish: { ...(wish as JsonObject) },
        expires_at: found.expiresAt.toISOString(),
      }
      return c.json(answer, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/approvals/{id}',
      summary: 'Approve or refuse; never by whoever asked',
      tags: ['certificates'],
      middleware: [requires('approver'), idempotent(service)] as const,
      request: {
        params,
        body: {
          content: {
            'application/json': {
              schema: z.strictObject({ decision: z.enum(['approve', 'refuse']) }),
            },
          },
        },
      },
      responses: {
        200: json(z.object({ state: z.literal('refused') }), 'Refused; nothing is done'),
        201: json(certificateAnswer, 'Approved and issued'),
        202: json(z.object({ queued: z.number().int() }), 'Approved; the next batch carries it'),
        ...problems(404, 409, 422),
      },
    }),
    async (c) => {
      const name = nameOf(c.req.valid('param').id)
      note(c, { subject: `approval ${name}` })
      const waiting = await sessions.get(department.address, kind, name, clock())
      if (waiting === undefined) throw new InputError('request/not-found')
      if (waiting.value.requester === c.var.actor.name) {
        throw new InputError('status/needs-approver')
      }
      const taken = await sessions.take(department.address, kind, name, clock())
      if (taken === undefined) throw new InputError('request/not-found')
      if (c.req.valid('json').decision === 'refuse') {
        return c.json({ state: 'refused' as const }, 200)
      }
      return whole(service, taken, async () => {
        const { requester } = taken.value
        const wish = taken.value as unknown as Wish
        if (wish.do === 'issue') return c.json(await issueWish(service, wish.wish), 201)
        const people = { operator: String(requester), approver: c.var.actor.name }
        if (wish.do === 'supersede') {
          return c.json(await successorOf(service, wish.wish, people), 201)
        }
        return c.json({ queued: await changeWish(service, wish.wish, people) }, 202)
      })
    },
  )
}

/** Keeps the wish where something outside failed, so that it can be approved again. */
async function whole<T>(service: Service, taken: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OutsideError) {
      await service.sessions.add(service.department.address, [taken])
    }
    throw error
  }
}

function nameOf(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
