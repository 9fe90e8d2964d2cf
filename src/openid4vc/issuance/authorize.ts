import type { Labels } from '../../certificate/model.ts'
import { OAuthError } from '../oauthError.ts'
import { configurationOf } from './configuration.ts'
import { type Form, invalid } from './form.ts'
import { after, type Issuance, issuerIdentifier, kinds, lifetimes } from './model.ts'
import { keepClaims, type Offer, offerOf } from './offer.ts'
import { endPushedRequest, type PushedRequest, pushedRequest } from './pushed.ts'
import { nameOf, newSecret } from './secret.ts'
import { txCodeDigest } from './snapshot.ts'
import { takeUp } from './takeUp.ts'

/** What the resident sees before logging in. */
export type LogInPage = {
  readonly requestUri: string
  readonly clientId: string
  /** Where the answer goes. */
  readonly redirectUri: string
  /** Names of what will be handed out, without repeats. */
  readonly certificates: readonly Labels[]
  /** Whether a code was entered that is wrong. */
  readonly isWrong: boolean
}

/** A page to show, or where to send the browser. */
export type AuthorizeAnswer = { readonly page: LogInPage } | { readonly redirect: string }

/**
 * How a resident shows who is there; `oneTimeCode` today. Another log-in (OpenID Connect) takes the same
 * place: it ends with the offer in state `authorized`.
 *
 * @throws {OAuthError} `invalid_grant` if the resident is not the one whom the offer is for.
 */
export type LogIn = (issuance: Issuance, request: PushedRequest, form: Form) => Promise<Offer>

/** Logs in with the code that the department gave out beside the offer; five wrong ones end the offer. */
export const oneTimeCode: LogIn = (issuance, { offer, issuerState }, form) =>
  takeUp(
    issuance,
    offer,
    ({ txCode }) => ({
      entered: txCodeDigest(issuerState, (form.code ?? '').trim()),
      right: txCode?.byState ?? '',
    }),
    'authorized',
  )

/**
 * Opens the log-in page for a pushed request.
 *
 * @throws {OAuthError} `invalid_request` if nothing was pushed under this name by this client, or it ended;
 *   there is nowhere to redirect to.
 */
export async function openLogIn(issuance: Issuance, form: Form): Promise<AuthorizeAnswer> {
  const request = await requestOf(issuance, form)
  return { page: await pageOf(issuance, form, request, false) }
}

/**
 * Takes what the resident entered, or the refusal.
 *
 * @returns the page again after a wrong code; a redirect with `code`, or with `access_denied` if the
 *   resident declined or the offer has ended; always with `iss` (RFC 9207) and the request's `state`.
 * @throws {OAuthError} as {@link openLogIn}
 */
export async function submitLogIn(
  issuance: Issuance,
  form: Form,
  logIn: LogIn = oneTimeCode,
): Promise<AuthorizeAnswer> {
  const request = await requestOf(issuance, form)
  const requestUri = form.request_uri!
  if (form.decision === 'decline') {
    await endPushedRequest(issuance, requestUri)
    return redirect(issuance, request, { error: 'access_denied' })
  }
  try {
    await logIn(issuance, request, form)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const offer = await offerOf(issuance, request.offer)
    if (offer?.state === 'offered') return { page: await pageOf(issuance, form, request, true) }
    await endPushedRequest(issuance, requestUri)
    return redirect(issuance, request, { error: 'access_denied' })
  }
  await endPushedRequest(issuance, requestUri)
  await keepClaims(issuance, request.offer, after(issuance, lifetimes.code))
  const code = newSecret()
  const { issuerState: _, state: __, ...granted } = request
  await issuance.sessions.add(issuance.issuer.department.address, [
    {
      kind: kinds.code,
      name: nameOf(code),
      value: { ...granted, configurations: [...granted.configurations] },
      expiresAt: after(issuance, lifetimes.code),
    },
  ])
  return redirect(issuance, request, { code })
}

async function requestOf(issuance: Issuance, form: Form): Promise<PushedRequest> {
  const request = await pushedRequest(issuance, form.request_uri, form.client_id)
  if (request === undefined) throw invalid('The request_uri is unknown, used or expired.')
  return request
}

async function pageOf(
  issuance: Issuance,
  form: Form,
  { clientId, redirectUri, configurations }: PushedRequest,
  isWrong: boolean,
): Promise<LogInPage> {
  const names = configurations.flatMap((id) => configurationOf(issuance, id)?.type.names ?? [])
  const certificates = [...new Set(names)]
  return { requestUri: form.request_uri!, clientId, redirectUri, certificates, isWrong }
}

function redirect(
  issuance: Issuance,
  { redirectUri, state }: PushedRequest,
  answer: Readonly<Record<string, string>>,
): AuthorizeAnswer {
  const url = new URL(redirectUri)
  const members = { ...answer, ...(state && { state }), iss: issuerIdentifier(issuance) }
  for (const [name, value] of Object.entries(members)) url.searchParams.append(name, value)
  return { redirect: url.href }
}
