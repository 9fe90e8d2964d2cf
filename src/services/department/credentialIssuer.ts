import { createRoute, z } from '@hono/zod-openapi'
import { cors } from 'hono/cors'
import type { JsonObject } from '../../credential/model.ts'
import { type Access, requireAccess } from '../../openid4vc/issuance/access.ts'
import { type CredentialAnswer, requestCredential } from '../../openid4vc/issuance/credential.ts'
import { requestDeferred } from '../../openid4vc/issuance/deferred.ts'
import { authorizationServerMetadata, issuerMetadata } from '../../openid4vc/issuance/metadata.ts'
import { newNonce } from '../../openid4vc/issuance/nonce.ts'
import { notify } from '../../openid4vc/issuance/notification.ts'
import { offerByReference } from '../../openid4vc/issuance/offerObject.ts'
import { type OAuthCode, OAuthError } from '../../openid4vc/oauthError.ts'
import { type RouteGroup, speaksOAuth } from '../chassis.ts'
import { oauthErrors, oauthFailure } from '../oauthError.ts'
import { problems } from '../problem.ts'
import { issuanceOf } from './issuance.ts'

/** Wallets may run in a page of any origin: nothing here depends on a cookie. */
const fromAnywhere = cors({
  origin: '*',
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['Authorization', 'Content-Type', 'DPoP'],
  exposeHeaders: ['WWW-Authenticate'],
  maxAge: 600,
})

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

const text = z.string().max(16_384)
const headers = z.object({ authorization: text.optional(), dpop: text.optional() })

/** What fits is judged by the protocol, which answers with the code that the specification has for it. */
const anything = (type: 'string' | 'object', description: string) =>
  z.unknown().optional().openapi({ type, description })

const credentialRequest = z
  .looseObject({
    credential_configuration_id: anything('string', 'From the credential offer'),
    credential_identifier: anything('string', 'From the token response, where it has any'),
    proofs: anything('object', '`{"jwt": [...]}`: one proof for each copy, at most 20'),
  })
  .openapi('CredentialRequest')

const issued = z
  .looseObject({
    credentials: z.array(z.object({ credential: z.unknown() })),
    notification_id: z.string(),
  })
  .openapi('CredentialResponse')

const later = z
  .object({ transaction_id: z.string(), interval: z.number().int() })
  .openapi('DeferredCredential')

const answers = {
  200: json(issued, 'Issued'),
  202: json(later, 'Ask again with the transaction id'),
  ...oauthErrors(400, 401),
}

/** The routes of the credential issuer (OpenID4VCI 1.0) and the metadata of both its halves. */
export const addCredentialIssuerRoutes: RouteGroup = (app, service) => {
  const issuance = issuanceOf(service)
  const tags = ['OpenID4VCI']
  const paths = ['/nonce', '/credential', '/deferred-credential', '/notification', '/token', '/par']
  for (const path of paths) app.use(path, fromAnywhere)
  app.use('/credential-offers/*', fromAnywhere)
  app.use('/.well-known/openid-credential-issuer', fromAnywhere)
  app.use('/.well-known/oauth-authorization-server', fromAnywhere)

  for (const [name, summary, metadata] of [
    ['openid-credential-issuer', 'What a wallet can get here', issuerMetadata(issuance)],
    [
      'oauth-authorization-server',
      'How a wallet gets a token',
      authorizationServerMetadata(issuance),
    ],
  ] as const) {
    app.openapi(
      createRoute({
        method: 'get',
        path: `/.well-known/${name}`,
        summary,
        tags,
        responses: { 200: json(z.looseObject({}), 'Metadata') },
      }),
      (c) => {
        c.header('Cache-Control', 'public, max-age=60')
        return c.json(metadata, 200)
      },
    )
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/credential-offers/{reference}',
      summary: 'A credential offer by reference',
      tags,
      request: { params: z.object({ reference: z.string().max(200) }) },
      responses: { 200: json(z.looseObject({}), 'The offer'), ...problems(404) },
    }),
    async (c) => c.json(await offerByReference(issuance, c.req.valid('param').reference), 200),
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/nonce',
      summary: 'A nonce for key proofs, good once',
      tags,
      middleware: [speaksOAuth] as const,
      responses: { 200: json(z.object({ c_nonce: z.string() }), 'Fresh') },
    }),
    async (c) => c.json({ c_nonce: await newNonce(issuance) }, 200),
  )

  const requested = {
    credential: requestCredential,
    'deferred-credential': requestDeferred,
  } as const
  for (const [path, request] of Object.entries(requested)) {
    app.openapi(
      createRoute({
        method: 'post',
        path: `/${path}`,
        summary:
          path === 'credential'
            ? 'A credential, a copy for each proof'
            : 'A credential that was deferred',
        tags,
        middleware: [speaksOAuth] as const,
        request: {
          headers,
          body: {
            content: {
              'application/json': {
                schema:
                  path === 'credential'
                    ? credentialRequest
                    : z.looseObject({ transaction_id: anything('string', 'Of the first answer') }),
              },
            },
          },
        },
        responses: answers,
      }),
      async (c) => {
        const access = await accessOf(path, c.req.valid('header'))
        const { status, body }: CredentialAnswer = await request(
          issuance,
          access,
          c.req.valid('json') as JsonObject,
        )
        return c.json(body as never, status)
      },
      refusing('invalid_credential_request'),
    )
  }

  app.openapi(
    createRoute({
      method: 'post',
      path: '/notification',
      summary: 'What became of a credential in the wallet',
      tags,
      middleware: [speaksOAuth] as const,
      request: {
        headers,
        body: {
          content: {
            'application/json': {
              schema: z.looseObject({
                notification_id: anything('string', 'Of the credential response'),
                event: anything('string', 'credential_accepted, _failure or _deleted'),
              }),
            },
          },
        },
      },
      responses: { 204: { description: 'Noted' }, ...oauthErrors(400, 401) },
    }),
    async (c) => {
      const access = await accessOf('notification', c.req.valid('header'))
      await notify(issuance, access, c.req.valid('json') as JsonObject)
      return c.body(null, 204)
    },
    refusing('invalid_notification_request'),
  )

  function accessOf(
    path: string,
    { authorization, dpop }: z.infer<typeof headers>,
  ): Promise<Access> {
    return requireAccess(issuance, path, { authorization, dpop })
  }
}

/** Answers a body of the wrong shape with the code that the endpoint's specification has for it. */
function refusing(code: OAuthCode) {
  // biome-ignore lint/suspicious/noExplicitAny: the hook's types name each route's own schemas
  return (result: { success: boolean }, c: any): any =>
    result.success
      ? undefined
      : oauthFailure(c, new OAuthError(code, 'The request has the wrong shape.'))
}
