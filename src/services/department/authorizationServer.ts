import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type AuthorizeAnswer, openLogIn, submitLogIn } from '../../openid4vc/issuance/authorize.ts'
import { readForm } from '../../openid4vc/issuance/form.ts'
import { push } from '../../openid4vc/issuance/pushed.ts'
import { token } from '../../openid4vc/issuance/token.ts'
import { OAuthError } from '../../openid4vc/oauthError.ts'
import { type Env, type RouteGroup, speaksOAuth } from '../chassis.ts'
import { oauthErrors, oauthFailure } from '../oauthError.ts'
import { issuanceOf } from './issuance.ts'
import { endedPage, logInPage } from './logInPage.ts'

const text = z.string().max(16_384)
const headers = z.object({ dpop: text.optional() })
const html = (description: string) => ({
  description,
  content: { 'text/html': { schema: z.string() } },
})

/** Parameters are read by `readForm`, which also sees one that is sent twice. */
const form = (names: readonly string[]) => ({
  content: {
    'application/x-www-form-urlencoded': {
      schema: z.looseObject(
        Object.fromEntries(
          names.map((name) => [name, z.unknown().optional().openapi({ type: 'string' })]),
        ),
      ),
    },
  },
})

const logInForm = ['request_uri', 'client_id', 'code', 'decision']

/** The routes of the authorization server: PAR, log-in page and token (RFC 9126, RFC 6749, RFC 9449). */
export const addAuthorizationServerRoutes: RouteGroup = (app, service) => {
  const issuance = issuanceOf(service)
  const { names } = issuance
  const tags = ['OpenID4VCI']

  app.openapi(
    createRoute({
      method: 'post',
      path: '/par',
      summary: 'Push an authorization request',
      tags,
      middleware: [speaksOAuth] as const,
      request: {
        headers,
        body: form([
          'response_type',
          'client_id',
          'redirect_uri',
          'code_challenge',
          'code_challenge_method',
          'issuer_state',
          'scope',
          'authorization_details',
          'state',
          'dpop_jkt',
        ]),
      },
      responses: {
        201: {
          description: 'Pushed',
          content: {
            'application/json': {
              schema: z.object({ request_uri: z.string(), expires_in: z.number().int() }),
            },
          },
        },
        ...oauthErrors(400),
      },
    }),
    async (c) => {
      const { dpop } = c.req.valid('header')
      const { requestUri, expiresIn } = await push(issuance, readForm(await c.req.text()), dpop)
      return c.json({ request_uri: requestUri, expires_in: expiresIn }, 201)
    },
    refusing,
  )

  app.openapi(
    createRoute({
      method: 'post',
      path: '/token',
      summary: 'An access token for a pre-authorised code or an authorization code',
      tags,
      middleware: [speaksOAuth] as const,
      request: {
        headers,
        body: form([
          'grant_type',
          'pre-authorized_code',
          'tx_code',
          'code',
          'code_verifier',
          'redirect_uri',
          'client_id',
          'authorization_details',
        ]),
      },
      responses: {
        200: {
          description: 'The token',
          content: {
            'application/json': {
              schema: z.looseObject({
                access_token: z.string(),
                token_type: z.enum(['Bearer', 'DPoP']),
                expires_in: z.number().int(),
              }),
            },
          },
        },
        ...oauthErrors(400),
      },
    }),
    async (c) => {
      const { dpop } = c.req.valid('header')
      const answer = await token(issuance, readForm(await c.req.text()), dpop)
      c.header('Pragma', 'no-cache')
      return c.json(answer as never, 200)
    },
    refusing,
  )

  const pages = {
    200: html('The log-in page'),
    302: { description: 'Back to the wallet, with a code or an error' },
    400: html('There is nothing to log in for'),
  }
  app.get('/authorize', (c) =>
    answered(c, () => openLogIn(issuance, readForm(new URL(c.req.url).search.slice(1)))),
  )
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/authorize',
    summary: 'Where a resident logs in',
    tags,
    request: {
      query: z.object({ request_uri: z.string().optional(), client_id: z.string().optional() }),
    },
    responses: pages,
  })
  app.openapi(
    createRoute({
      method: 'post',
      path: '/authorize',
      summary: 'What the resident entered',
      tags,
      request: { body: form(logInForm) },
      responses: pages,
    }),
    // biome-ignore lint/suspicious/noExplicitAny: a page is text in the route's types
    async (c): Promise<any> =>
      answered(c, async () => submitLogIn(issuance, readForm(await c.req.text()))),
  )

  async function answered(
    c: Context<Env>,
    work: () => Promise<AuthorizeAnswer>,
  ): Promise<Response> {
    const asked = c.req.header('accept-language') ?? ''
    const language = /^\s*en\b/i.test(asked) ? 'en' : 'zh'
    try {
      const answer = await work()
      if ('redirect' in answer) return c.redirect(answer.redirect, 302)
      const { body, policy } = await logInPage(answer.page, names, language)
      return c.html(body, 200, { 'Content-Security-Policy': policy })
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      c.set('code', `oauth/${error.errorResponse.error}`)
      const { body, policy } = await endedPage(names, language)
      return c.html(body, 400, { 'Content-Security-Policy': policy })
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the hook's types name each route's own schemas
function refusing(result: { success: boolean }, c: any): any {
  if (result.success) return undefined
  return oauthFailure(c, new OAuthError('invalid_request', 'A parameter is malformed.'))
}
