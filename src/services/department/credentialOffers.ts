import { createRoute, z } from '@hono/zod-openapi'
import type { JsonObject } from '../../credential/model.ts'
import { type CreatedOffer, createOffer } from '../../openid4vc/issuance/createOffer.ts'
import {
  approveOffer,
  claimsToApprove,
  requireOffer,
  withdrawOffer,
} from '../../openid4vc/issuance/manageOffer.ts'
import { preAuthorizedGrant } from '../../openid4vc/issuance/metadata.ts'
import { type Offer, offerStates } from '../../openid4vc/issuance/offer.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { idempotent } from '../idempotency.ts'
import { problems } from '../problem.ts'
import { issuanceOf } from './issuance.ts'

const wish = z
  .strictObject({
    credential_configuration_ids: z.array(z.string().min(1).max(200)).min(1).max(20).openapi({
      description: 'From the issuer metadata, all of one certificate type',
    }),
    claims: z.record(z.string(), z.unknown()).openapi({
      description:
        'As the certificate type has them; kept until the certificate is issued or the offer ends',
    }),
    tx_code: z
      .union([
        z.boolean(),
        z.string().regex(/^[0-9]{4,12}$/),
        z.strictObject({
          input_mode: z.enum(['numeric', 'text']).default('numeric'),
          length: z.int().min(4).max(12).default(6),
          description: z.string().max(300).optional(),
        }),
      ])
      .optional()
      .openapi({
        description:
          'A one-time code for the resident; without a word, where claims are restricted',
      }),
    grants: z
      .array(z.enum(['authorization_code', preAuthorizedGrant]))
      .min(1)
      .max(2)
      .optional()
      .openapi({ description: 'How a wallet may take it up; default the pre-authorised code' }),
    expires_in: z.int().min(1).max(300).optional().openapi({ description: 'Seconds, default 300' }),
    needs_approval: z.boolean().optional().openapi({
      description: 'A second person must approve it before a wallet can take it up',
    }),
    by_reference: z.boolean().optional().openapi({ description: 'A short address for a QR code' }),
  })
  .openapi('CredentialOfferWish')

const created = z
  .object({
    id: z.string(),
    credential_offer_uri: z.string().openapi({ description: 'openid-credential-offer://...' }),
    tx_code: z.string().optional().openapi({
      description: 'Hand it to the resident by another way than the address',
    }),
    expires_at: z.iso.datetime(),
    state: z.enum(offerStates),
  })
  .openapi('CreatedCredentialOffer')

const shown = z
  .object({
    id: z.string(),
    state: z.enum(offerStates),
    expires_at: z.iso.datetime(),
    certificate: z.string().openapi({ description: 'Certificate identifier' }),
    needs_approval: z.boolean(),
    approved: z.boolean(),
    wrong_codes: z.int(),
    credentials: z.array(
      z.object({
        credential_configuration_id: z.string(),
        fingerprints: z.array(z.string()).openapi({ description: 'Of each copy, once issued' }),
        event: z.string().optional().openapi({ description: 'What the wallet said last' }),
      }),
    ),
  })
  .openapi('CredentialOfferState')

const params = z.object({ id: z.string().max(100) })
const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** Offers for the department's own systems: make, look, approve, withdraw. */
export const addCredentialOfferRoutes: RouteGroup = (app, service) => {
  const issuance = issuanceOf(service)
  const tags = ['issuer']
  app.openapi(
    createRoute({
      method: 'post',
      path: '/issuer/credential-offers',
      summary: 'Offer a certificate to a wallet',
      tags,
      middleware: [requires('clerk'), idempotent(service)] as const,
      request: { body: { content: { 'application/json': { schema: wish } } } },
      responses: { 201: json(created, 'Offered'), ...problems(422) },
    }),
    async (c) => {
      const body = c.req.valid('json')
      const { tx_code: code } = body
      const txCode =
        typeof code === 'object'
          ? {
              inputMode: code.input_mode,
              length: code.length,
              ...(code.description !== undefined && { description: code.description }),
            }
          : code
      const offer = await createOffer(issuance, {
        configurations: body.credential_configuration_ids,
        claims: body.claims as JsonObject,
        ...(txCode !== undefined && { txCode }),
        ...(body.grants && {
          grants: body.grants.map((one) =>
            one === 'authorization_code' ? 'authorization' : 'pre-authorized',
          ),
        }),
        ...(body.expires_in !== undefined && { expiresIn: body.expires_in }),
        isByReference: body.by_reference === true,
        needsApproval: body.needs_approval === true,
        by: c.var.actor.name,
      })
      note(c, { subject: offer.id })
      return c.json(createdJson(offer), 201)
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/issuer/credential-offers/{id}',
      summary: 'What became of an offer',
      tags,
      middleware: [requires('clerk', 'reviewer', 'approver', 'auditor')] as const,
      request: { params },
      responses: { 200: json(shown, 'Its state; no claims'), ...problems(404) },
    }),
    async (c) => {
      const offer = await requireOffer(issuance, c.req.valid('param').id)
      note(c, { subject: offer.id })
      return c.json(shownJson(offer), 200)
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: '/issuer/credential-offers/{id}/claims',
      summary: 'What a second person is asked to approve; only while it waits for that',
      tags,
      middleware: [requires('approver')] as const,
      request: { params },
      responses: {
        200: json(z.object({ certificate: z.string(), claims: z.looseObject({}) }), 'The claims'),
        ...problems(404, 409),
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      const { certificate } = await requireOffer(issuance, id)
      note(c, { subject: id })
      const claims = await claimsToApprove(issuance, id)
      return c.json({ certificate, claims: { ...claims } }, 200)
    },
  )
  for (const [method, path, role, summary, act] of [
    ['post', '/approval', 'approver', 'Approve an offer that another person made', approveOffer],
    ['post', '/withdrawal', 'clerk', 'End an offer; its claims are deleted', withdrawOffer],
  ] as const) {
    app.openapi(
      createRoute({
        method,
        path: `/issuer/credential-offers/{id}${path}`,
        summary,
        tags,
        middleware: [requires(role)] as const,
        request: { params },
        responses: { 200: json(shown, 'Done'), ...problems(403, 404, 409) },
      }),
      async (c) => {
        const { id } = c.req.valid('param')
        const offer = await act(issuance, id, c.var.actor.name)
        note(c, { subject: offer.id })
        return c.json(shownJson(offer), 200)
      },
    )
  }
}

function createdJson({ id, uri, txCode, expiresAt, state }: CreatedOffer) {
  return {
    id,
    credential_offer_uri: uri,
    ...(txCode !== undefined && { tx_code: txCode }),
    expires_at: expiresAt.toISOString(),
    state,
  }
}

function shownJson(offer: Offer): z.infer<typeof shown> {
  const { id, state, takeUpBy, certificate, needsApproval, approvedBy, configurations } = offer
  return {
    id,
    state,
    expires_at: takeUpBy.toISOString(),
    certificate,
    needs_approval: needsApproval,
    approved: approvedBy !== undefined,
    wrong_codes: offer.guesses,
    credentials: configurations.map((one) => ({
      credential_configuration_id: one,
      fingerprints: [...(offer.issued[one] ?? [])],
      ...(offer.events[one] !== undefined && { event: offer.events[one] }),
    })),
  }
}
