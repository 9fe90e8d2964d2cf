import { z } from '@hono/zod-openapi'
import { issuedFormats } from '../../vcapi/issueCredential.ts'

const document = z.looseObject({}).openapi({ description: 'A document of the W3C data model' })
const text = z.string().min(1).max(2048)

/** A document as such, or a compact token; what is wrong with it is for the verification to say. */
const secured = z.union([document, z.string().max(262_144)])

export const issueBody = z
  .object({
    credential: document,
    options: z
      .looseObject({
        format: z.enum(issuedFormats).optional(),
        credentialId: text.optional(),
        credentialStatus: z
          .union([z.boolean(), document, z.array(document).max(2)])
          .optional()
          .openapi({ description: 'Entries to add: true, or `{ statusPurpose }`' }),
      })
      .nullish(),
  })
  .openapi('IssueCredential')

const question = {
  challenge: text.optional(),
  domain: text.optional(),
  expectedProofPurpose: text.optional(),
}

export const verifyCredentialBody = z
  .object({ verifiableCredential: secured, options: z.looseObject(question).nullish() })
  .openapi('VerifyCredential')

export const verifyPresentationBody = z
  .object({ verifiablePresentation: secured, options: z.looseObject(question).nullish() })
  .openapi('VerifyPresentation')

export const presentationBody = z
  .object({
    presentation: document,
    options: z.looseObject({ challenge: text.optional(), domain: text.optional() }).nullish(),
  })
  .openapi('CreatePresentation')

export const statusBody = z
  .object({
    credentialId: text,
    credentialStatus: z.union([document, z.array(document).length(1)]),
    status: z.boolean().optional().openapi({ description: 'Whether it holds; default true' }),
  })
  .openapi('UpdateCredentialStatus')

const finding = z.looseObject({ type: z.string(), title: z.string(), code: z.string() })

/** What a verification answers, good or bad. */
export const verification = z
  .looseObject({
    verified: z.boolean(),
    checks: z.array(z.string()),
    warnings: z.array(finding),
    problemDetails: z.array(finding).openapi({ description: 'RFC 9457, one for each error' }),
  })
  .openapi('Verification')

export const issued = z.object({ verifiableCredential: document }).openapi('IssuedCredential')
export const presented = z
  .object({ verifiablePresentation: document })
  .openapi('CreatedPresentation')
