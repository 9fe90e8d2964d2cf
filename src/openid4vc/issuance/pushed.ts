import { OAuthError } from '../oauthError.ts'
import { verifyDpop } from './dpop.ts'
import { type Form, invalid, requiredOf } from './form.ts'
import { after, endpoint, type Issuance, kinds, lifetimes } from './model.ts'
import { offerOf } from './offer.ts'
import { wantedFrom } from './scope.ts'
import { nameOf, newSecret } from './secret.ts'

const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

/** An authorization request that was pushed, as it is kept. */
export type PushedRequest = {
  readonly offer: string
  readonly issuerState: string
  readonly clientId: string
  readonly redirectUri: string
  readonly challenge: string
  readonly state?: string
  readonly configurations: readonly string[]
  readonly hasDetails: boolean
  /** Thumbprint of the DPoP key to which the code is bound. */
  readonly jkt?: string
}

/**
 * Takes a pushed authorization request. It must come from an offer: its issuer state says which one.
 *
 * @param dpop value of the `DPoP` header field.
 * @returns `request_uri` and the seconds that it counts.
 * @throws {OAuthError} `invalid_request`, `unsupported_response_type`, `invalid_scope`,
 *   `invalid_authorization_details`, `invalid_dpop_proof`
 * @see RFC 9126, section 2; OpenID4VCI 1.0, section 5.1
 */
export async function push(
  issuance: Issuance,
  form: Form,
  dpop: string | undefined,
): Promise<{ readonly requestUri: string; readonly expiresIn: number }> {
  if (form.request_uri !== undefined || form.request !== undefined) {
    throw invalid('Request objects and request_uri are not taken here.')
  }
  if (requiredOf(form, 'response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'Only the response type code is supported.')
  }
  const clientId = requiredOf(form, 'client_id')
  const redirectUri = requiredOf(form, 'redirect_uri')
  if (clientId.length > 512 || !isRedirectUri(redirectUri)) {
    throw invalid('The client or its redirect_uri cannot be used.')
  }
  const challenge = requiredOf(form, 'code_challenge')
  if (form.code_challenge_method !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw invalid('PKCE with the method S256 is needed.')
  }
  const issuerState = requiredOf(form, 'issuer_state')
  const { sessions, issuer, clock } = issuance
  const { address } = issuer.department
  const found = await sessions.get(address, kinds.issuerState, nameOf(issuerState), clock())
  const offer = found && (await offerOf(issuance, (found.value as { offer: string }).offer))
  if (offer?.state !== 'offered') throw invalid('The issuer_state belongs to no open offer.')
  const { configurations, hasDetails } = wantedFrom(form, offer.configurations)
  const jkt = await boundKey(issuance, form, dpop)

  const secret = newSecret()
  const value: PushedRequest = {
    offer: offer.id,
    issuerState,
    clientId,
    redirectUri,
    challenge,
    ...(form.state !== undefined && { state: form.state }),
    configurations,
    hasDetails,
    ...(jkt !== undefined && { jkt }),
  }
  await sessions.add(address, [
    {
      kind: kinds.pushed,
      name: nameOf(secret),
      value: { ...value, configurations: [...configurations] },
      expiresAt: after(issuance, lifetimes.pushed),
    },
  ])
  return { requestUri: requestUriPrefix + secret, expiresIn: lifetimes.pushed }
}

// RFC 9449 section 10: by parameter, by proof, or by both if they agree.
async function boundKey(
  issuance: Issuance,
  form: Form,
  dpop: string | undefined,
): Promise<string | undefined> {
  const { dpop_jkt: named } = form
  if (named !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(named)) {
    throw invalid('The dpop_jkt is no thumbprint.')
  }
  if (dpop === undefined) return named
  const url = endpoint(issuance, 'par')
  const jkt = await verifyDpop(issuance, dpop, { method: 'POST', url })
  if (named !== undefined && named !== jkt) throw invalid('The dpop_jkt names another key.')
  return jkt
}

/** Schemes that a browser runs or reads instead of handing the answer to a wallet. */
const unsafeSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'blob:',
  'file:',
  'about:',
  'filesystem:',
  'view-source:',
  'ftp:',
  'ws:',
  'wss:',
])

/** `https`, `http` to this machine, or a wallet's own scheme; no fragment (RFC 6749 section 3.1.2, RFC 8252). */
function isRedirectUri(text: string): boolean {
  if (text.length > 2_048 || !URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (text.includes('#') || /\s/.test(text) || username !== '' || password !== '') return false
  // A browser takes more in a host name than a header field that names it should.
  if (protocol === 'https:' && !/^[a-z0-9.[\]:-]+$/.test(hostname)) return false
  if (protocol === 'http:') return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  return !unsafeSchemes.has(protocol)
}

/**
 * The pushed request behind a `request_uri`, while it counts.
 *
 * @returns undefined if there is none, or another client pushed it.
 */
export async function pushedRequest(
  issuance: Issuance,
  requestUri: string | undefined,
  clientId: string | undefined,
): Promise<PushedRequest | undefined> {
  const { sessions, issuer, clock } = issuance
  const name = nameOfRequest(requestUri)
  const found = await sessions.get(issuer.department.address, kinds.pushed, name, clock())
  const value = found?.value as PushedRequest | undefined
  return value?.clientId === clientId ? value : undefined
}

/** Ends a pushed request. @returns whether this call ended it. */
export async function endPushedRequest(issuance: Issuance, requestUri: string): Promise<boolean> {
  const { sessions, issuer, clock } = issuance
  const name = nameOfRequest(requestUri)
  return (await sessions.take(issuer.department.address, kinds.pushed, name, clock())) !== undefined
}

function nameOfRequest(requestUri = ''): string {
  return nameOf(
    requestUri.startsWith(requestUriPrefix) ? requestUri.slice(requestUriPrefix.length) : '',
  )
}
