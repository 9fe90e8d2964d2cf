import { z } from '@hono/zod-openapi'
import type { JsonObject, PublicJwk } from '../../credential/model.ts'
import type { CertificateRequest, IssuedCredential } from '../../issuer/model.ts'
import { issueTogether } from '../../issuer/together.ts'
import type { Service } from '../../wire/service.ts'

/** A wish for a certificate, as it is asked and as it is kept. */
export const issueWishSchema = z
  .strictObject({
    type: z.string().max(200).openapi({ description: 'Id or URI of the certificate type' }),
    claims: z.looseObject({}).openapi({ description: 'As the certificate type says' }),
    holder_keys: z
      .array(
        z.strictObject({
          kty: z.string().max(10),
          crv: z.string().max(20),
          x: z.string().max(100),
          y: z.string().max(100).optional(),
        }),
      )
      .min(1)
      .max(100)
      .optional(),
    formats: z
      .array(z.enum(['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc']))
      .min(1)
      .max(4)
      .optional(),
    valid_from: z.iso.datetime().optional(),
    valid_until: z.iso.datetime().optional(),
    certificate: z.string().min(1).max(200).optional(),
  })
  .openapi('CertificateWish')

/** The same with its idempotency key, and claims as the strict parser read them. */
export type IssueWish = Omit<z.infer<typeof issueWishSchema>, 'claims'> & {
  readonly claims: JsonObject
  readonly key: string
}

/** What was issued: every copy in every format. */
export const certificateAnswer = z
  .object({
    certificate: z.string(),
    copies: z.array(
      z.object({
        copy: z.number().int(),
        format: z.string(),
        fingerprint: z.string(),
        token: z.string(),
        status: z.object({ list: z.number().int(), index: z.number().int() }),
      }),
    ),
  })
  .openapi('IssuedCertificate')

/** What the issuer is asked for. */
export function requestOf(wish: IssueWish): CertificateRequest {
  const { holder_keys: holderKeys, valid_from: from, valid_until: until } = wish
  return {
    idempotencyKey: wish.key,
    type: wish.type,
    claims: wish.claims,
    ...(holderKeys && { holderKeys: holderKeys as PublicJwk[] }),
    ...(wish.formats && { formats: wish.formats }),
    ...(from !== undefined && { validFrom: new Date(from) }),
    ...(until !== undefined && { validUntil: new Date(until) }),
    ...(wish.certificate !== undefined && { certificate: wish.certificate }),
  }
}

/** Copies of one certificate as they are answered. */
export function answerOf(
  credentials: readonly IssuedCredential[],
): z.infer<typeof certificateAnswer> {
  return {
    certificate: credentials[0]!.certificate,
    copies: credentials.map(({ copy, format, fingerprint, token, status }) => ({
      copy,
      format,
      fingerprint,
      token,
      status: { ...status },
    })),
  }
}

/** Issues it; the same wish again gives the same certificate. @throws as `issueTogether` */
export async function issueWish(
  { department: { issuer } }: Service,
  wish: IssueWish,
): Promise<z.infer<typeof certificateAnswer>> {
  return answerOf(await issueTogether(issuer, requestOf(wish)))
}
