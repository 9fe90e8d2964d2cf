import { createRoute, z } from '@hono/zod-openapi'
import type { Json } from '../../credential/model.ts'
import { parseCredential } from '../../credential/parse.ts'
import { InputError } from '../../errors.ts'
import { acceptOffer } from '../../openid4vc/wallet/acceptOffer.ts'
import { answerRequest, declineRequest } from '../../openid4vc/wallet/answerRequest.ts'
import { fetchProofs } from '../../openid4vc/wallet/fetchProofs.ts'
import type { KnownVerifier, WalletClient } from '../../openid4vc/wallet/model.ts'
import type { HeldRecord } from '../../ports/holder.ts'
import { claimedIssuer } from '../../verdict/issuer.ts'
import type { Service } from '../../wire/service.ts'
import { readTrust } from '../../wire/trust.ts'
import { note, type RouteGroup, requires } from '../chassis.ts'
import { idempotent } from '../idempotency.ts'
import { problems } from '../problem.ts'

/** A service's own wallet, and what it reaches the world through. */
export async function walletOf(service: Service): Promise<WalletClient> {
  const { holder, newKey } = service.holder
  const { verifier, fetch, home, isDevelopment } = service
  const trust = await readTrust(home)
  return {
    holder,
    newKey,
    fetch,
    chain: verifier.chain,
    keysOf: verifier.keysOf,
    ...(trust && { trust }),
    ...(verifier.leaves && { leaves: verifier.leaves }),
    isDevelopment,
  }
}

const held = z
  .object({
    id: z.string().openapi({ description: 'Fingerprint, 64 hex digits' }),
    format: z.string(),
    type: z.string().optional(),
    certificate: z.string().optional(),
    issuer: z.string(),
    received_at: z.iso.datetime(),
    valid_until: z.iso.datetime().optional(),
    has_proof: z.boolean().openapi({ description: 'Whether its anchor’s proof is here' }),
    claims: z.record(z.string(), z.any()),
    outcome: z.string().optional().openapi({ description: 'Of a check made now, if asked for' }),
    findings: z.array(z.string()).optional(),
  })
  .openapi('HeldCertificate')

const verifier = z.object({
  client_id: z.string(),
  did: z.string().optional(),
  name: z.string().optional(),
  is_signed: z.boolean(),
  is_department: z.boolean(),
})

const path = z.union([
  z.string().min(1).max(200),
  z
    .array(z.union([z.string(), z.number().int().min(0), z.null()]))
    .min(1)
    .max(16),
])
const paths = z.array(path).max(100)
const disclose = z
  .union([
    paths,
    z.record(
      z.string(),
      z.union([
        paths,
        z.strictObject({ credential: z.string().max(64).optional(), claims: paths.optional() }),
      ]),
    ),
  ])
  .openapi({
    description:
      'Claim paths to show, for every certificate or by credential query; left out: nothing selectively disclosable',
  })

/** `/holder`: a wallet without a screen, for servers and businesses. */
export const addHolderRoutes: RouteGroup = (app, service) => {
  const isHolder = requires('clerk', 'operator')

  app.openapi(
    createRoute({
      method: 'post',
      path: '/holder/credential-offers',
      summary: 'Take up an offer of certificates; each is fully checked before it is stored',
      tags: ['holder'],
      middleware: [isHolder, idempotent(service)] as const,
      request: {
        body: {
          content: {
            'application/json': {
              schema: z
                .object({
                  credential_offer_uri: z.string().min(1).max(65_536),
                  tx_code: z.string().min(1).max(64).optional(),
                })
                .openapi('OfferToTakeUp'),
            },
          },
        },
      },
      responses: {
        201: {
          description: 'Received',
          content: {
            'application/json': {
              schema: z.object({ issuer: z.string(), credentials: z.array(held) }),
            },
          },
        },
        ...problems(409, 422),
      },
    }),
    async (c) => {
      const { credential_offer_uri: credentialOfferUri, tx_code: txCode } = c.req.valid('json')
      const client = await walletOf(service)
      const { issuer, received } = await acceptOffer(client, { credentialOfferUri, txCode })
      note(c, { subject: received.map(({ id }) => id).join(' ') })
      return c.json({ issuer, credentials: received.map(shown) }, 201)
    },
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/holder/presentations',
      summary: 'Answer a verifier’s request, after making sure who asks',
      tags: ['holder'],
      middleware: [isHolder, idempotent(service)] as const,
      request: {
        body: {
          content: {
            'application/json': {
              schema: z
                .object({
                  request_uri: z.string().min(1).max(65_536),
                  disclose: disclose.optional(),
                  decline: z.boolean().optional(),
                })
                .openapi('RequestToAnswer'),
            },
          },
        },
      },
      responses: {
        200: {
          description: 'Shown, or declined',
          content: {
            'application/json': {
              schema: z
                .object({
                  verifier,
                  purpose: z.string().optional(),
                  presented: z.array(
                    z.object({
                      query: z.string(),
                      credential: z.string(),
                      disclosed: z.array(path),
                    }),
                  ),
                  redirect_uri: z.string().optional(),
                })
                .openapi('PresentationMade'),
            },
          },
        },
        ...problems(404, 409, 422),
      },
    }),
    async (c) => {
      const { request_uri: requestUri, disclose: told, decline } = c.req.valid('json')
      const client = await walletOf(service)
      if (decline) {
        if (told !== undefined) throw new InputError('request/malformed', { at: 'disclose' })
        const asker = await declineRequest(client, requestUri)
        return c.json({ verifier: shownVerifier(asker), presented: [] }, 200)
      }
      await fetchProofs(client)
      const wish = { requestUri, disclose: told as Json | undefined }
      const { verifier: asker, purpose, presented, redirectUri } = await answerRequest(client, wish)
      note(c, { subject: presented.map(({ credential }) => credential).join(' '), purpose })
      const answer = {
        verifier: shownVerifier(asker),
        purpose,
        presented: presented.map((one) => ({
          ...one,
          disclosed: one.disclosed.map((place) => [...place]),
        })),
        ...(redirectUri !== undefined && { redirect_uri: redirectUri }),
      }
      return c.json(answer, 200)
    },
  )

  app.openapi(
    createRoute({
      method: 'get',
      path: '/holder/credentials',
      summary: 'The certificates in this wallet',
      tags: ['holder'],
      middleware: [isHolder] as const,
      request: {
        query: z.object({
          check: z.enum(['true', 'false']).default('false').openapi({
            description: 'Whether each is checked now',
          }),
        }),
      },
      responses: {
        200: {
          description: 'Certificates, the one received last first',
          content: { 'application/json': { schema: z.object({ credentials: z.array(held) }) } },
        },
      },
    }),
    async (c) => {
      const client = await walletOf(service)
      await fetchProofs(client)
      const records = await client.holder.store.list()
      const newest = records.toSorted((a, b) => b.receivedAt.getTime() - a.receivedAt.getTime())
      const credentials = []
      for (const record of newest) {
        const one = shown(record)
        if (c.req.valid('query').check === 'false') credentials.push(one)
        else credentials.push({ ...one, ...(await checked(client, record)) })
      }
      return c.json({ credentials }, 200)
    },
  )
}

function shown({ id, token, proof, receivedAt }: HeldRecord): z.infer<typeof held> {
  const credential = parseCredential(token)
  const { format, certificateType, certificate, validUntil, claims } = credential
  return {
    id,
    format,
    ...(certificateType !== undefined && { type: certificateType }),
    ...(certificate !== undefined && { certificate }),
    issuer: claimedIssuer(credential).did,
    received_at: receivedAt.toISOString(),
    ...(validUntil !== undefined && { valid_until: validUntil.toISOString() }),
    has_proof: proof !== undefined,
    claims,
  }
}

async function checked({ holder }: WalletClient, { token, proof }: HeldRecord) {
  const { outcome, credentials } = await holder.check(token, proof)
  const findings = credentials.flatMap(({ checks }) =>
    checks.filter((one) => one.outcome !== 'pass').map(({ code }) => code),
  )
  return { outcome, findings }
}

function shownVerifier({ clientId, did, name, isSigned, isDepartment }: KnownVerifier) {
  return {
    client_id: clientId,
    ...(did !== undefined && { did }),
    ...(name !== undefined && { name }),
    is_signed: isSigned,
    is_department: isDepartment,
  }
}
