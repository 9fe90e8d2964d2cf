import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { isJsonObject, parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { createPresentation } from '../../vcapi/createPresentation.ts'
import { foreignStatusReader } from '../../vcapi/foreignStatus.ts'
import { issueCredential } from '../../vcapi/issueCredential.ts'
import type { Question, VcApi, Verification } from '../../vcapi/model.ts'
import { updateStatus } from '../../vcapi/updateStatus.ts'
import { verifyCredential } from '../../vcapi/verifyCredential.ts'
import { verifyPresentation } from '../../vcapi/verifyPresentation.ts'
import type { Service } from '../../wire/service.ts'
import { type Env, type RouteGroup, requires } from '../chassis.ts'
import { idempotent } from '../idempotency.ts'
import { problems } from '../problem.ts'
import {
  issueBody,
  issued,
  presentationBody,
  presented,
  statusBody,
  verification,
  verifyCredentialBody,
  verifyPresentationBody,
} from './vcapiSchemas.ts'
import { answerOf } from './verification.ts'

const tags = ['vc-api']
const verifiers = ['clerk', 'reviewer', 'approver', 'auditor', 'operator'] as const

/** Enough for a credential with a picture, little enough to canonicalise while others wait. */
const limits = { maxLength: 262_144, maxDepth: 32, maxNodes: 2_000 }

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const body = <T extends z.ZodType>(schema: T) => ({
  body: { content: { 'application/json': { schema } } },
})
const verified = {
  200: json(verification, 'Verified'),
  400: {
    description: 'Not verified, with the reasons; or the request has the wrong form',
    content: { 'application/problem+json': { schema: z.looseObject({ type: z.string() }) } },
  },
}

/**
 * VC-API (VCALM): any W3C credential issued in this department's name, and credentials and presentations of
 * anybody verified. It asks less than a verdict, see `POST /verifier/requests` for that.
 */
export const addVcApiRoutes: RouteGroup = (app, service) => {
  const api = vcApiOf(service)
  app.openapi(
    createRoute({
      method: 'post',
      path: '/credentials/issue',
      summary: 'Issue a W3C credential that is no certificate',
      tags,
      middleware: [requires('clerk'), idempotent(service)] as const,
      request: body(issueBody),
      responses: { 201: json(issued, 'Issued'), ...problems(409, 422) },
    }),
    async (c) => {
      const { credential } = await documents(c)
      const options = c.req.valid('json').options ?? {}
      const { format, credentialId } = options
      const given = objectOf((await documents(c)).options).credentialStatus
      const verifiableCredential = await issueCredential(api, credential!, {
        ...(format !== undefined && { format }),
        ...(credentialId !== undefined && { credentialId }),
        ...(given !== undefined && { credentialStatus: given }),
      })
      return c.json({ verifiableCredential }, 201)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/credentials/status',
      summary: 'Change the status of a credential that was issued here',
      tags,
      middleware: [requires('approver'), idempotent(service)] as const,
      request: body(statusBody),
      responses: {
        200: json(z.object({ queued: z.boolean() }), 'It holds once it is on the chain'),
        ...problems(404, 422),
      },
    }),
    async (c) => {
      const { credentialId, status } = c.req.valid('json')
      const { credentialStatus } = await documents(c)
      const wish = { credentialId, credentialStatus: credentialStatus! }
      await updateStatus(
        api,
        { ...wish, ...(status !== undefined && { status }) },
        c.var.actor.name,
      )
      return c.json({ queued: true }, 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/credentials/verify',
      summary: 'Verify a credential of any issuer',
      tags,
      middleware: [requires(...verifiers)] as const,
      request: body(verifyCredentialBody),
      responses: verified,
    }),
    async (c) => {
      const { verifiableCredential } = await documents(c)
      const asked = questionOf(c.req.valid('json').options)
      return answer(c, await verifyCredential(api, verifiableCredential!, asked)) as never
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/presentations/verify',
      summary: 'Verify a presentation of any holder, and every credential in it',
      tags,
      middleware: [requires(...verifiers)] as const,
      request: body(verifyPresentationBody),
      responses: verified,
    }),
    async (c) => {
      const { verifiablePresentation } = await documents(c)
      const asked = questionOf(c.req.valid('json').options)
      return answer(c, await verifyPresentation(api, verifiablePresentation!, asked)) as never
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: '/presentations',
      summary: 'Make a presentation of this service',
      tags,
      middleware: [requires('clerk')] as const,
      request: body(presentationBody),
      responses: { 201: json(presented, 'Made'), ...problems(422) },
    }),
    async (c) => {
      const { presentation } = await documents(c)
      const { challenge, domain } = c.req.valid('json').options ?? {}
      const verifiablePresentation = await createPresentation(api, presentation!, {
        ...(challenge !== undefined && { challenge }),
        ...(domain !== undefined && { domain }),
      })
      return c.json({ verifiablePresentation }, 201)
    },
  )
}

/** The parts of a service that VC-API uses. */
function vcApiOf(service: Service): VcApi {
  const { integrity, department, verifier, sessions, clock, fetch, inflate } = service
  const readForeignStatus = foreignStatusReader({ fetch, inflate }, integrity, clock)
  return { integrity, issuer: department.issuer, verifier, sessions, clock, readForeignStatus }
}

/** The body as the strict parser has it: what schemas copy may have lost what they do not know. */
async function documents(c: Context<Env>): Promise<JsonObject> {
  return parseJsonObject(await c.req.text(), limits)
}

function objectOf(value: JsonObject[string] | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function questionOf(
  options: Partial<Record<keyof Question, string | undefined>> | null | undefined,
): Question {
  const { challenge, domain, expectedProofPurpose } = options ?? {}
  return {
    ...(challenge !== undefined && { challenge }),
    ...(domain !== undefined && { domain }),
    ...(expectedProofPurpose !== undefined && { expectedProofPurpose }),
  }
}

function answer(c: Context<Env>, result: Verification): Response {
  if (!result.verified) c.set('code', result.errors[0]!.code)
  return answerOf(c, result)
}
