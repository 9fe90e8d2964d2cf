import { encodeBase64url } from '#primitives'
import type { Json, JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { baseUrlFor, clientIdOf, requestHeader } from './clientId.ts'
import type { ClientIdPrefix, PresentationTransaction, RelyingParty } from './model.ts'
import { contentEncryptions } from './responseKey.ts'
import { finalStates, idOfHandle, moveOn, readTransaction } from './transaction.ts'

/** Wallets that look for their issuer by themselves are all of them (OpenID4VP 1.0 section 5.8). */
const anyWallet = 'https://self-issued.me/v2'

/** The formats that are verified here, and with which algorithms (OpenID4VP 1.0 section 11.1). */
const formats: JsonObject = {
  'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
  jwt_vc_json: { alg_values: ['ES256'] },
  'vc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
}

type Addressed = Pick<RelyingParty, 'baseUrl' | 'signer'>

/** Where the request object is fetched. @param handle the secret part of the address. */
export function requestUriOf(party: Addressed, prefix: ClientIdPrefix, handle: string): URL {
  return under(baseUrlFor(prefix, party.signer, party.baseUrl), `openid4vp/requests/${handle}`)
}

/** Where the answer goes. @param handle the secret part of the address. */
export function responseUriOf(party: Addressed, prefix: ClientIdPrefix, handle: string): URL {
  return under(baseUrlFor(prefix, party.signer, party.baseUrl), `openid4vp/responses/${handle}`)
}

function under(base: URL, path: string): URL {
  return new URL(path, base.href.endsWith('/') ? base : `${base.href}/`)
}

/**
 * The parameters of an authorization request.
 *
 * @param handle the secret part of its addresses.
 * @see OpenID4VP 1.0, section 5.1
 */
export function requestParameters(
  party: Pick<RelyingParty, 'baseUrl' | 'name' | 'signer'>,
  transaction: PresentationTransaction,
  handle: string,
): JsonObject {
  const { clientId, mode, nonce, stateParameter, purpose, dcql, responseKey } = transaction
  const encryption: JsonObject =
    responseKey === undefined
      ? {}
      : {
          jwks: { keys: [responseKey.publicJwk] },
          encrypted_response_enc_values_supported: [...contentEncryptions],
        }
  return {
    response_type: 'vp_token',
    response_mode: mode,
    client_id: clientId,
    response_uri: responseUriOf(party, transaction.prefix, handle).href,
    nonce,
    state: stateParameter,
    dcql_query: dcql,
    client_metadata: {
      client_name: party.name,
      vp_formats_supported: formats,
      ...encryption,
    },
    // No parameter of the protocol says why; wallets ignore what they do not know.
    purpose,
  }
}

/**
 * Hands out the signed request object; the request is *scanned* from then on. A wallet may ask again,
 * until it has answered.
 *
 * @param walletNonce what the wallet sent by POST; it stands in the object.
 * @returns compact JWS, media type `application/oauth-authz-req+jwt`.
 * @throws {InputError} `presentation/unknown-request`; `presentation/wrong-state` if it was answered;
 *   `presentation/request-expired`; `presentation/bad-request` for a wallet nonce above 512 characters.
 * @throws {OutsideError} what the signer throws.
 * @see OpenID4VP 1.0, section 5.10; RFC 9101
 */
export async function signedRequest(
  party: RelyingParty,
  handle: string,
  walletNonce?: string,
): Promise<string> {
  const { signer } = party
  if (walletNonce !== undefined && (walletNonce === '' || walletNonce.length > 512)) {
    throw new InputError('presentation/bad-request', { path: 'wallet_nonce' })
  }
  const transaction = await readTransaction(party, idOfHandle(handle))
  requireOpen(transaction)
  if (transaction.prefix === 'redirect_uri' || signer === undefined) {
    // Such a request is never signed: it stands in its URI whole.
    throw new InputError('presentation/unknown-request')
  }
  // The key may have changed since; the wallet answers the identifier that it reads here.
  const responseUri = responseUriOf(party, transaction.prefix, handle)
  const clientId = clientIdOf(transaction.prefix, signer, responseUri)
  if (clientId !== transaction.clientId) throw new InputError('presentation/request-expired')
  const payload = {
    ...requestParameters(party, transaction, handle),
    aud: anyWallet,
    iat: seconds(party.clock()),
    exp: seconds(transaction.answerBy),
    ...(walletNonce !== undefined && { wallet_nonce: walletNonce }),
  }
  const input = `${encode(requestHeader(transaction.prefix, signer))}.${encode(payload)}`
  const [signature] = await signer.sign('request', [input])
  if (transaction.state === 'waiting') await moveOn(party, transaction, { state: 'scanned' })
  return `${input}.${encodeBase64url(signature!)}`
}

/** @throws {InputError} `presentation/request-expired`, `presentation/wrong-state` */
export function requireOpen({ state }: Pick<PresentationTransaction, 'state'>): void {
  if (state === 'expired') throw new InputError('presentation/request-expired')
  if (state === 'answered' || finalStates.includes(state)) {
    throw new InputError('presentation/wrong-state', { state })
  }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function encode(value: Json): string {
  return encodeBase64url(JSON.stringify(value))
}
