import { CompactEncrypt, importJWK } from 'jose'
import { decodeUtf8, encodeBase64url } from '#primitives'
import { isJsonObject, parseJson } from '../../credential/json.ts'
import type { Json, JsonObject } from '../../credential/model.ts'
import { InputError, isWeirError, TrustError } from '../../errors.ts'
import { present } from '../../holder/present.ts'
import type { FetchAnswer } from '../../ports/fetch.ts'
import { proofJson } from '../../presentation/certificateFile.ts'
import type { ClaimPath } from '../../presentation/model.ts'
import { choose, readDisclose } from './disclose.ts'
import type { KnownVerifier, VerifiedRequest, WalletClient } from './model.ts'
import { resolveRequest } from './resolveRequest.ts'

/** What was shown to whom. */
export type PresentedTo = {
  readonly verifier: KnownVerifier
  readonly purpose: string
  readonly presented: readonly {
    readonly query: string
    /** Fingerprint, hex. */
    readonly credential: string
    readonly disclosed: readonly ClaimPath[]
  }[]
  /** Where the verifier wants the browser to go. */
  readonly redirectUri: string | undefined
}

/**
 * Answers a verifier's request: makes sure who asks, chooses certificates, shows what the caller agreed
 * to and the request asks for, sends it. Where nothing fits or too little was agreed to, nothing at all
 * goes out, so that the verifier cannot tell one from the other.
 *
 * @param wish.requestUri as `resolveRequest` takes it.
 * @param wish.disclose see `readDisclose`; left out: nothing selectively disclosable.
 * @throws {InputError} {TrustError} {OutsideError} as `resolveRequest`, `choose` and `present`.
 * @throws {TrustError} `wallet/answer-refused` with the status that the verifier answered with.
 */
export async function answerRequest(
  client: WalletClient,
  wish: { readonly requestUri: string; readonly disclose?: Json | undefined },
): Promise<PresentedTo> {
  const disclosures = readDisclose(wish.disclose)
  const verified = await resolveRequest(client, wish.requestUri)
  const chosen = await choose(client.holder, verified, disclosures)
  const consents = chosen.map(({ consent }) => consent)
  const { entries } = await present(client.holder, verified.request, consents)
  const vpToken: JsonObject = {}
  const proofs: JsonObject = {}
  for (const [index, { query }] of chosen.entries()) {
    const { token, proofs: beside } = entries[index]!
    vpToken[query] = [token]
    proofs[query] = [beside[0] === undefined ? null : proofJson(beside[0])]
  }
  const answer = await send(client, verified, { vp_token: vpToken, anchor_proofs: proofs })
  return {
    verifier: verified.verifier,
    purpose: verified.request.purpose,
    presented: chosen.map(({ query, consent }) => ({
      query,
      credential: consent.id,
      disclosed: consent.disclose,
    })),
    redirectUri: redirectOf(answer),
  }
}

/**
 * Tells a verifier that its request is declined; it learns nothing else.
 *
 * @throws as {@link answerRequest}
 * @see OpenID4VP 1.0, section 8.5
 */
export async function declineRequest(
  client: WalletClient,
  requestUri: string,
): Promise<KnownVerifier> {
  const verified = await resolveRequest(client, requestUri)
  await send(client, verified, { error: 'access_denied' })
  return verified.verifier
}

async function send(
  { fetch }: WalletClient,
  { responseUri, state, encryption, request }: VerifiedRequest,
  response: JsonObject,
): Promise<FetchAnswer> {
  const members: JsonObject = { ...response, ...(state !== undefined && { state }) }
  const form = new URLSearchParams()
  if (encryption !== undefined)
    form.set('response', await encrypt(members, encryption, request.nonce))
  else {
    for (const [name, value] of Object.entries(members)) {
      form.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    }
  }
  const answer = await fetch({
    url: responseUri,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form.toString(),
    maxBytes: 65_536,
  })
  if (answer.status === 200) return answer
  throw new TrustError('wallet/answer-refused', { status: answer.status })
}

/** OpenID4VP 1.0 section 8.3: ECDH-ES to the verifier's key of this request. */
async function encrypt(
  members: JsonObject,
  { jwk, enc }: NonNullable<VerifiedRequest['encryption']>,
  nonce: string,
): Promise<string> {
  const { kid } = jwk
  const header = { alg: 'ECDH-ES', enc, ...(kid !== undefined && { kid }) }
  try {
    const { kty, crv, x, y } = jwk
    const key = await importJWK({ kty, crv, x, y } as Parameters<typeof importJWK>[0], 'ECDH-ES')
    return await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(members)))
      .setProtectedHeader({ ...header, apv: encodeBase64url(nonce) })
      .encrypt(key)
  } catch (cause) {
    throw new InputError('wallet/bad-request-uri', { path: 'jwks', cause })
  }
}

function redirectOf({ body }: FetchAnswer): string | undefined {
  try {
    const answer = parseJson(decodeUtf8(body))
    const uri = isJsonObject(answer) ? answer.redirect_uri : undefined
    return typeof uri === 'string' && URL.canParse(uri) ? uri : undefined
  } catch (error) {
    // The answer was taken; what stands beside it is a convenience.
    if (isWeirError(error)) return undefined
    throw error
  }
}
