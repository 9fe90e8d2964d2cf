import { createRoute, z } from '@hono/zod-openapi'
import type { Policy } from '../../verdict/model.ts'
import { verify } from '../../verdict/verify.ts'
import { gather } from '../../verifier/gather.ts'
import { policyOf } from '../../wire/verifier.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { problems } from '../problem.ts'
import { verdictSchema } from './verdictSchema.ts'

const text = z.string().min(1).max(262_144)
const purpose = z.string().min(1).max(200).openapi({
  description: 'Why it is checked 用证事由; kept in the audit log; names no person',
})

const wish = z
  .union([
    z.strictObject({
      credential: text.openapi({
        description: 'A token, or the text of a certificate file with its proof',
      }),
      purpose,
    }),
    z.strictObject({
      presentation: text.openapi({
        description: 'An SD-JWT with key binding, a `vp+jwt`, or the text of a presentation file',
      }),
      nonce: z.string().min(1).max(500).openapi({ description: 'That the holder was given' }),
      audience: z.string().min(1).max(2000).openapi({ description: 'Whom it was made for' }),
      same_holder: z.boolean().optional(),
      purpose,
    }),
  ])
  .openapi('VerdictWish')

/**
 * `POST /verifier/verdicts`: the whole verdict on what somebody hands over, with every check, for a
 * department's own systems. What is bad is a verdict with 200, as elsewhere; nothing of it is kept but its
 * fingerprint and the purpose in the audit log.
 */
export const addVerdictRoutes: RouteGroup = (app, { chain, verifier, clock }) => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/verifier/verdicts',
      summary: 'Judge a certificate or a presentation: every check, at this moment',
      tags: ['verifier'],
      middleware: [requires('clerk', 'reviewer', 'approver')] as const,
      request: { body: { content: { 'application/json': { schema: wish } } } },
      responses: {
        200: {
          description: 'The verdict, good or bad',
          content: { 'application/json': { schema: verdictSchema } },
        },
        ...problems(422),
      },
    }),
    async (c) => {
      const asked = c.req.valid('json')
      note(c, { purpose: asked.purpose })
      const input = 'credential' in asked ? asked.credential : asked.presentation
      const evidence = await gather(verifier, input)
      const verdict = verify(evidence, policyOf(chain, clock(), questionOf(asked)))
      const [first] = verdict.credentials
      if (first !== undefined) note(c, { subject: first.fingerprint })
      const { at, ...rest } = verdict
      return c.json({ at: at.toISOString(), ...rest } as z.infer<typeof verdictSchema>, 200)
    },
  )
}

function questionOf(asked: z.infer<typeof wish>): Policy['question'] {
  if ('credential' in asked) return { kind: 'certificate' }
  const { nonce, audience, same_holder: sameHolder } = asked
  return { kind: 'presentation', nonce, audience, ...(sameHolder !== undefined && { sameHolder }) }
}
