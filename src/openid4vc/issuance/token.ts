import { encodeBase64url, randomBytes, sha256Base64url } from '#primitives'
import type { JsonObject } from '../../credential/model.ts'
import { OAuthError } from '../oauthError.ts'
import type { TokenValue } from './access.ts'
import { audit } from './audit.ts'
import { verifyDpop } from './dpop.ts'
import { type Form, requiredOf } from './form.ts'
import { preAuthorizedGrant } from './metadata.ts'
import { after, endpoint, type Issuance, kinds, lifetimes } from './model.ts'
import { changeOffer, keepClaims, type Offer, offerOf } from './offer.ts'
import type { PushedRequest } from './pushed.ts'
import { type Wanted, wantedFrom } from './scope.ts'
import { isEqual, nameOf } from './secret.ts'
import { txCodeDigest } from './snapshot.ts'
import { takeUp } from './takeUp.ts'

/**
 * Gives an access token for a pre-authorised code or an authorization code, once.
 *
 * @param dpop value of the `DPoP` header field; with it the token is bound to its key, without it a
 *   bearer token.
 * @returns the token response (RFC 6749 section 5.1), to be answered with `Cache-Control: no-store`.
 * @throws {OAuthError} `invalid_request`, `invalid_grant`, `unsupported_grant_type`, `invalid_dpop_proof`,
 *   `invalid_scope`, `invalid_authorization_details`
 * @see OpenID4VCI 1.0, section 6
 */
export async function token(
  issuance: Issuance,
  form: Form,
  dpop: string | undefined,
): Promise<JsonObject> {
  const grant = requiredOf(form, 'grant_type')
  if (grant !== preAuthorizedGrant && grant !== 'authorization_code') {
    throw new OAuthError('unsupported_grant_type', 'This grant type is not supported.')
  }
  const url = endpoint(issuance, 'token')
  const jkt =
    dpop === undefined ? undefined : await verifyDpop(issuance, dpop, { method: 'POST', url })
  const { offer, wanted, clientId } =
    grant === preAuthorizedGrant
      ? await byPreAuthorizedCode(issuance, form)
      : await byAuthorizationCode(issuance, form, jkt)
  return give(issuance, offer, wanted, clientId, jkt)
}

type Granted = {
  readonly offer: Offer
  readonly wanted: Wanted
  readonly clientId: string | undefined
}

const badGrant = () => new OAuthError('invalid_grant', 'The code is not valid.')

async function byPreAuthorizedCode(issuance: Issuance, form: Form): Promise<Granted> {
  const code = requiredOf(form, 'pre-authorized_code')
  const { sessions, issuer, clock } = issuance
  const { address } = issuer.department
  const found = await sessions.get(address, kinds.preAuthorized, nameOf(code), clock())
  const id = (found?.value as { offer: string } | undefined)?.offer
  const known = id === undefined ? undefined : await offerOf(issuance, id)
  if (known?.state !== 'offered') throw badGrant()
  // Before the offer is taken up: a wrong request may be sent again, right.
  const wanted = wantedFrom(form, known.configurations)
  const { tx_code: entered } = form
  const offer = await takeUp(
    issuance,
    known.id,
    ({ txCode }) => ({
      ...(entered !== undefined && { entered: txCodeDigest(code, entered) }),
      ...(txCode && { right: txCode.byCode }),
    }),
    'accepted',
  )
  return { offer, wanted, clientId: form.client_id }
}

async function byAuthorizationCode(
  issuance: Issuance,
  form: Form,
  jkt: string | undefined,
): Promise<Granted> {
  const code = requiredOf(form, 'code')
  const verifier = requiredOf(form, 'code_verifier')
  const { sessions, issuer, clock } = issuance
  const { address } = issuer.department
  // Taken before it is judged: a code that was tried is used.
  const found = await sessions.take(address, kinds.code, nameOf(code), clock())
  const value = found?.value as Omit<PushedRequest, 'issuerState' | 'state'> | undefined
  if (value === undefined) throw badGrant()
  const isOwn =
    form.client_id === value.clientId &&
    form.redirect_uri === value.redirectUri &&
    /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) &&
    isEqual(sha256Base64url(verifier), value.challenge) &&
    (value.jkt === undefined || value.jkt === jkt)
  if (!isOwn) throw badGrant()
  const done = await changeOffer<undefined>(issuance, value.offer, (offer) =>
    offer?.state === 'authorized' ? { to: { ...offer, state: 'accepted' } } : { answer: undefined },
  )
  if ('answer' in done) throw badGrant()
  const { configurations, hasDetails, clientId } = value
  return { offer: done.to, wanted: { configurations, hasDetails }, clientId }
}

async function give(
  issuance: Issuance,
  offer: Offer,
  { configurations, hasDetails }: Wanted,
  clientId: string | undefined,
  jkt: string | undefined,
): Promise<JsonObject> {
  const seconds = offer.needsApproval ? lifetimes.waitingToken : lifetimes.token
  const expiresAt = after(issuance, seconds)
  await keepClaims(issuance, offer.id, expiresAt)
  const accessToken = encodeBase64url(randomBytes(32))
  const value: TokenValue = {
    offer: offer.id,
    configurations,
    ...(clientId !== undefined && { clientId }),
    hasIdentifiers: hasDetails,
    ...(jkt !== undefined && { jkt }),
  }
  await issuance.sessions.add(issuance.issuer.department.address, [
    {
      kind: kinds.token,
      name: nameOf(accessToken),
      value: { ...value, configurations: [...configurations] },
      expiresAt,
    },
  ])
  await audit(issuance, 'wallet', 'offer/accepted', offer.id, { isBound: jkt !== undefined })
  return {
    access_token: accessToken,
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: seconds,
    ...(hasDetails && {
      authorization_details: configurations.map((id) => ({
        type: 'openid_credential',
        credential_configuration_id: id,
        credential_identifiers: [id],
      })),
    }),
  }
}
