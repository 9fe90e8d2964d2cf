import { decodeUtf8, encodeBase64url, randomBytes } from '#primitives'
import { readObject, readSeconds, readString } from '../../credential/claims.ts'
import { isJsonObject, parseJson } from '../../credential/json.ts'
import { parseJws } from '../../credential/jws.ts'
import type { Json, JsonObject } from '../../credential/model.ts'
import { InputError, isWeirError, TrustError } from '../../errors.ts'
import { readRequest } from '../../presentation/request.ts'
import type { VerifiedRequest, WalletClient } from './model.ts'
import { trustVerifier } from './trustVerifier.ts'

/** Parameters that are JSON where a request stands in a URI. */
const structured = ['dcql_query', 'client_metadata']

const maxUri = 65_536

/** Seconds that clocks may differ. */
const skewSeconds = 60

/**
 * Reads a verifier's request and makes sure who asks, before anything is shown. Signed requests come by
 * `request_uri`; one that stands in the URI itself is unsigned and only good for `redirect_uri`.
 *
 * @param uri `openid4vp://` (or another wallet scheme) with its parameters, or the address of a request
 *   object alone.
 * @throws {InputError} `wallet/bad-request-uri`, `presentation/bad-request`, `presentation/request-expired`,
 *   `fetch/bad-address`; `credential/*` and `json/*` for a request object that cannot be read.
 * @throws {TrustError} `wallet/unsigned-request`, `wallet/wrong-client`, and as `trustVerifier`.
 * @throws {OutsideError} `fetch/*`; those of the chain.
 * @see OpenID4VP 1.0, sections 5 and 14
 */
export async function resolveRequest(client: WalletClient, uri: string): Promise<VerifiedRequest> {
  const { clientId, requestUri, method, plain } = readUri(uri)
  if (requestUri === undefined) return unsigned(client, plain)
  const walletNonce = method === 'POST' ? encodeBase64url(randomBytes(16)) : undefined
  const jwt = await fetchObject(client, requestUri, walletNonce)
  const jws = parseJws(jwt, ['oauth-authz-req+jwt'])
  const { payload } = jws
  const named = readString(payload.client_id, 'client_id')
  if (named === undefined || (clientId !== undefined && clientId !== named)) {
    throw new TrustError('wallet/wrong-client')
  }
  if (payload.request !== undefined || payload.request_uri !== undefined) throw bad('request')
  if (walletNonce !== undefined && payload.wallet_nonce !== walletNonce) {
    throw new TrustError('wallet/wrong-client', { why: 'wallet_nonce' })
  }
  if (named.startsWith('redirect_uri:')) throw new TrustError('wallet/wrong-client')
  requireTimely(payload, client.holder.now())
  const responseUri = readResponseUri(client, payload)
  const who = await trustVerifier(client, jws, named, responseUri)
  return understood(payload, named, responseUri, { ...who, isSigned: true })
}

type Uri = {
  readonly clientId: string | undefined
  readonly requestUri: string | undefined
  readonly method: 'GET' | 'POST'
  readonly plain: JsonObject
}

function readUri(uri: string): Uri {
  if (uri.length > maxUri || !URL.canParse(uri)) throw bad('request_uri')
  const url = new URL(uri)
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    if (!url.searchParams.has('request_uri') && !url.searchParams.has('client_id')) {
      return { clientId: undefined, requestUri: uri, method: 'GET', plain: {} }
    }
  }
  const plain: JsonObject = Object.create(null)
  for (const [name, value] of url.searchParams) {
    // Two of one name read differently everywhere.
    if (name in plain) throw bad(name.slice(0, 40))
    plain[name] = structured.includes(name) ? readJson(value, name) : value
  }
  const clientId = readString(plain.client_id, 'client_id')
  const requestUri = plain.request_uri
  if (clientId === undefined || plain.request !== undefined) throw bad('client_id')
  if (requestUri !== undefined && typeof requestUri !== 'string') throw bad('request_uri')
  const wished = plain.request_uri_method ?? 'get'
  if (wished !== 'get' && wished !== 'post') throw bad('request_uri_method')
  return { clientId, requestUri, method: wished === 'post' ? 'POST' : 'GET', plain }
}

async function fetchObject(
  { fetch }: WalletClient,
  url: string,
  walletNonce: string | undefined,
): Promise<string> {
  const accept = { accept: 'application/oauth-authz-req+jwt' }
  const { status, body } = await fetch(
    walletNonce === undefined
      ? { url, headers: accept, maxBytes: maxUri }
      : {
          url,
          method: 'POST',
          headers: { ...accept, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ wallet_nonce: walletNonce }).toString(),
          maxBytes: maxUri,
        },
  )
  if (status !== 200) throw new InputError('presentation/request-expired', { status })
  return decodeUtf8(body).trim()
}

/** Anybody can have written it; the client identifier says only where the answer goes. */
function unsigned(client: WalletClient, plain: JsonObject): VerifiedRequest {
  const clientId = String(plain.client_id)
  if (!clientId.startsWith('redirect_uri:')) throw new TrustError('wallet/unsigned-request')
  const responseUri = readResponseUri(client, plain)
  if (clientId !== `redirect_uri:${String(plain.response_uri)}`) {
    throw new TrustError('wallet/wrong-client')
  }
  const nobody = { did: undefined, isDepartment: false, isSigned: false }
  return understood(plain, clientId, responseUri, nobody)
}

function readResponseUri({ isDevelopment }: WalletClient, { response_uri: uri }: JsonObject): URL {
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw bad('response_uri')
  const url = new URL(uri)
  const isSafe = url.protocol === 'https:' || (isDevelopment === true && url.protocol === 'http:')
  if (!isSafe || url.hash !== '') throw bad('response_uri')
  return url
}

function requireTimely(payload: JsonObject, now: Date): void {
  const from = readSeconds(payload.nbf ?? payload.iat, 'iat')
  const until = readSeconds(payload.exp, 'exp')
  const skew = skewSeconds * 1000
  if (from !== undefined && from.getTime() - skew > now.getTime()) throw bad('iat')
  if (until !== undefined && !(now < until)) throw new InputError('presentation/request-expired')
}

function understood(
  parameters: JsonObject,
  clientId: string,
  responseUri: URL,
  who: Pick<VerifiedRequest['verifier'], 'did' | 'isDepartment' | 'isSigned'>,
): VerifiedRequest {
  if (parameters.response_type !== 'vp_token') throw bad('response_type')
  // What changes the meaning of an answer is never skipped over.
  if (parameters.transaction_data !== undefined) throw bad('transaction_data')
  const metadata = readObject(parameters.client_metadata, 'client_metadata') ?? {}
  const { client_name: name } = metadata
  const nonce = readString(parameters.nonce, 'nonce')
  const { purpose = 'not stated', dcql_query: dcql } = parameters
  if (nonce === undefined || dcql === undefined) throw bad('nonce')
  return {
    request: readRequest({ nonce, audience: clientId, purpose, dcql }),
    verifier: { clientId, name: typeof name === 'string' ? name.slice(0, 200) : undefined, ...who },
    responseUri: responseUri.href,
    state: readString(parameters.state, 'state'),
    encryption: readEncryption(parameters.response_mode, metadata),
  }
}

function readEncryption(
  mode: Json | undefined,
  metadata: JsonObject,
): VerifiedRequest['encryption'] {
  if (mode === 'direct_post') return undefined
  if (mode !== 'direct_post.jwt') throw bad('response_mode')
  const keys = readObject(metadata.jwks, 'jwks')?.keys
  const key = (Array.isArray(keys) ? keys : []).find(
    (one) => isJsonObject(one) && one.crv === 'P-256' && one.alg === 'ECDH-ES' && one.use !== 'sig',
  ) as JsonObject | undefined
  if (key === undefined) throw bad('jwks')
  const offered = metadata.encrypted_response_enc_values_supported ?? ['A128GCM']
  const enc = ['A256GCM', 'A128GCM'].find(
    (name) => Array.isArray(offered) && offered.includes(name),
  )
  if (enc === undefined) throw bad('encrypted_response_enc_values_supported')
  const jwk = Object.fromEntries(
    Object.entries(key).filter(([, value]) => typeof value === 'string'),
  ) as Record<string, string>
  return { jwk, enc }
}

function readJson(text: string, path: string): Json {
  try {
    return parseJson(text)
  } catch (cause) {
    if (isWeirError(cause)) throw new InputError('wallet/bad-request-uri', { path, cause })
    throw cause
  }
}

function bad(path: string): InputError {
  return new InputError('wallet/bad-request-uri', { path })
}
