import { OAuthError } from '../oauthError.ts'
import { dpopAlgorithms, verifyDpop } from './dpop.ts'
import { endpoint, type Issuance, kinds } from './model.ts'
import { isEqual, nameOf } from './secret.ts'

/** What an access token allows. */
export type Access = {
  /** Digest of the token. */
  readonly token: string
  readonly offer: string
  readonly configurations: readonly string[]
  /** Undefined: an anonymous wallet. */
  readonly clientId: string | undefined
  /** Whether credentials are asked for by identifier (OpenID4VCI 1.0 section 6.2). */
  readonly hasIdentifiers: boolean
}

/** An access token as it is kept. */
export type TokenValue = {
  readonly offer: string
  readonly configurations: readonly string[]
  readonly clientId?: string
  readonly hasIdentifiers: boolean
  /** Thumbprint of the DPoP key that it is bound to. */
  readonly jkt?: string
}

/** Header fields of a request that say who asks. */
export type Credentials = {
  readonly authorization: string | undefined
  readonly dpop: string | undefined
}

/**
 * Lets a wallet's request to a protected endpoint pass.
 *
 * @param path of the endpoint, without a leading slash.
 * @throws {OAuthError} `invalid_token`, `invalid_dpop_proof`, both 401 with a challenge.
 * @see RFC 6750, section 3; RFC 9449, section 7
 */
export async function requireAccess(
  issuance: Issuance,
  path: string,
  { authorization, dpop }: Credentials,
): Promise<Access> {
  const match = /^(Bearer|DPoP) ([A-Za-z0-9_-]{20,100})$/i.exec(authorization ?? '')
  const token = match?.[2] ?? ''
  const { sessions, issuer, clock } = issuance
  const name = nameOf(token)
  const found = await sessions.get(issuer.department.address, kinds.token, name, clock())
  const value = found?.value as TokenValue | undefined
  if (match === null || value === undefined) throw denied()
  // A bound token sent as a bearer token was stolen, or will be.
  const isDpop = match[1]!.toLowerCase() === 'dpop'
  if (isDpop !== (value.jkt !== undefined)) throw denied()
  if (value.jkt !== undefined) await requireProof(issuance, path, token, value.jkt, dpop)
  const { offer, configurations, clientId, hasIdentifiers } = value
  return { token: name, offer, configurations, clientId, hasIdentifiers }
}

async function requireProof(
  issuance: Issuance,
  path: string,
  accessToken: string,
  bound: string,
  dpop: string | undefined,
): Promise<void> {
  const url = endpoint(issuance, path)
  try {
    const jkt = dpop && (await verifyDpop(issuance, dpop, { method: 'POST', url, accessToken }))
    if (!jkt || !isEqual(jkt, bound)) throw new OAuthError('invalid_dpop_proof', 'Another key.')
  } catch (cause) {
    if (!(cause instanceof OAuthError)) throw cause
    throw challenge('invalid_dpop_proof', 'A DPoP proof by the token’s key is needed.', cause)
  }
}

function denied(): OAuthError {
  return challenge('invalid_token', 'The access token is missing, unknown or expired.')
}

function challenge(
  code: 'invalid_token' | 'invalid_dpop_proof',
  description: string,
  cause?: unknown,
): OAuthError {
  const headers = {
    'WWW-Authenticate': `DPoP error="${code}", algs="${dpopAlgorithms}", Bearer error="${code}"`,
  }
  return new OAuthError(code, description, { status: 401, headers, cause })
}
