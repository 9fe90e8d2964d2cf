import { createRoute, z } from '@hono/zod-openapi'
import { readForm } from '../../openid4vc/issuance/form.ts'
import { signedRequest } from '../../openid4vc/presentation/requestObject.ts'
import { takeResponse } from '../../openid4vc/presentation/respond.ts'
import { maxBodyBytes } from '../body.ts'
import { type RouteGroup, speaksOAuth } from '../chassis.ts'
import { oauthErrorSchema, oauthErrors } from '../oauthError.ts'
import { relyingPartyOf } from './verifier.ts'

const mediaType = 'application/oauth-authz-req+jwt'
const form = 'application/x-www-form-urlencoded'
const handle = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const params = z.object({ handle })

const requestObject = {
  description: 'Signed request object (RFC 9101)',
  content: { [mediaType]: { schema: z.string() } },
}

/** What wallets of anybody reach: request objects and the address for answers (OpenID4VP 1.0). */
export const addWalletRoutes: RouteGroup = (app, service) => {
  const party = relyingPartyOf(service)
  const path = '/openid4vp/requests/{handle}'
  const headers = { 'Content-Type': mediaType, 'Cache-Control': 'no-store' }

  app.openapi(
    createRoute({
      method: 'get',
      path,
      summary: 'A request object',
      tags: ['wallets'],
      middleware: [speaksOAuth] as const,
      request: { params },
      responses: { 200: requestObject, ...oauthErrors(404, 409) },
    }),
    async (c) => {
      const jwt = await signedRequest(party, c.req.valid('param').handle)
      return c.body(jwt, 200, headers) as never
    },
  )

  app.openapi(
    createRoute({
      method: 'post',
      path,
      summary: 'A request object with the wallet’s nonce',
      tags: ['wallets'],
      middleware: [speaksOAuth] as const,
      request: {
        params,
        body: {
          content: {
            [form]: {
              schema: z.looseObject({
                wallet_nonce: z.string().min(1).max(512).optional(),
                wallet_metadata: z.string().optional(),
              }),
            },
          },
        },
      },
      responses: { 200: requestObject, ...oauthErrors(404, 409) },
    }),
    async (c) => {
      const { handle: name } = c.req.valid('param')
      const { wallet_nonce: nonce } = c.req.valid('form')
      return c.body(await signedRequest(party, name, nonce), 200, headers) as never
    },
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/openid4vp/responses/{handle}',
      summary: 'A wallet’s answer (`direct_post`, `direct_post.jwt`)',
      tags: ['wallets'],
      middleware: [speaksOAuth] as const,
      request: {
        params,
        body: {
          content: {
            [form]: {
              schema: z.looseObject({
                vp_token: z.string().optional(),
                state: z.string().max(512).optional(),
                response: z.string().optional(),
                error: z.string().max(200).optional(),
                anchor_proofs: z.string().optional(),
              }),
            },
          },
        },
      },
      responses: {
        200: {
          description: 'Taken',
          content: {
            'application/json': { schema: z.object({ redirect_uri: z.string().optional() }) },
          },
        },
        400: {
          description: 'No answer to this request, or one that is refused',
          content: { 'application/json': { schema: oauthErrorSchema } },
        },
        ...oauthErrors(404, 409),
      },
    }),
    async (c) => {
      const { handle: name } = c.req.valid('param')
      const receipt = await takeResponse(party, name, readForm(await c.req.text(), maxBodyBytes))
      const { isAccepted, redirectUri, code } = receipt
      if (isAccepted) {
        return c.json({ ...(redirectUri !== undefined && { redirect_uri: redirectUri }) }, 200)
      }
      const description = code === undefined ? {} : { error_description: code }
      return c.json({ error: 'invalid_request', ...description }, 400)
    },
  )
}
