import { z } from '@hono/zod-openapi'
import { changeStatus } from '../../issuer/status.ts'
import type { Service } from '../../wire/service.ts'

const ground = z.string().min(1).max(200)

/** A wish to change a certificate's status. */
export const statusWishSchema = z
  .strictObject({
    to: z.enum(['valid', 'suspended', 'revoked']),
    reason: ground.openapi({ description: 'Reason code; stays in the department' }),
    legal_basis: ground,
    expected_end: z.iso
      .datetime()
      .optional()
      .openapi({ description: 'Needed to suspend: when it is expected to end' }),
  })
  .openapi('StatusWish')

/** The same with the certificate's fingerprint, 64 hex digits. */
export type StatusChange = z.infer<typeof statusWishSchema> & { readonly fingerprint: string }

/** Queues the change. @returns how many status entries change. @throws as `changeStatus` */
export async function changeWish(
  { department: { issuer } }: Service,
  { fingerprint, to, reason, legal_basis: legalBasis, expected_end: end }: StatusChange,
  people: { readonly operator: string; readonly approver?: string },
): Promise<number> {
  const queued = await changeStatus(issuer, {
    of: { fingerprint },
    to,
    grounds: { reason, legalBasis, ...people },
    ...(end !== undefined && { expectedEnd: new Date(end) }),
  })
  return queued.length
}
