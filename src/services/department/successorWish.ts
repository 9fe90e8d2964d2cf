import { z } from '@hono/zod-openapi'
import type { JsonObject } from '../../credential/model.ts'
import { supersede } from '../../issuer/supersede.ts'
import type { Service } from '../../wire/service.ts'
import { answerOf, type certificateAnswer, issueWishSchema, requestOf } from './issueWish.ts'

const ground = z.string().min(1).max(200)

/** A wish to replace a certificate by a new version. */
export const successorWishSchema = issueWishSchema
  .extend({
    reason: ground.openapi({ description: 'Reason code; stays in the department' }),
    legal_basis: ground,
  })
  .openapi('SuccessorWish')

/** The same with what it replaces, its idempotency key, and claims as the strict parser read them. */
export type SuccessorWish = Omit<z.infer<typeof successorWishSchema>, 'claims'> & {
  readonly claims: JsonObject
  readonly key: string
  readonly fingerprint: string
}

/** Issues the successor and queues the old one's end; one batch carries both. @throws as `supersede` */
export async function successorOf(
  { department: { issuer } }: Service,
  wish: SuccessorWish,
  people: { readonly operator: string; readonly approver: string },
): Promise<z.infer<typeof certificateAnswer>> {
  const { fingerprint, reason, legal_basis: legalBasis } = wish
  const grounds = { reason, legalBasis, ...people }
  return answerOf(await supersede(issuer, { fingerprint }, requestOf(wish), grounds))
}
