import { CompactSign, compactVerify } from 'jose'
import { decodeBase64url } from '#primitives'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError, TrustError } from '../../errors.ts'
import { signatureBytes, type VerificationMethod } from './verificationMethod.ts'

/** Media types of VC-JOSE-COSE without `application/`, each with what its payload is. */
export const contentTypes = {
  'vc+jwt': 'vc',
  'vp+jwt': 'vp',
  'vc+sd-jwt': 'vc',
  'vp+sd-jwt': 'vp',
} as const

export type SecuredType = keyof typeof contentTypes

/** A compact JWS taken apart; nothing of it verified. */
export type CompactJws = { readonly header: JsonObject; readonly payload: JsonObject }

const maxJwt = 131_072
const members = ['alg', 'typ', 'cty', 'kid', 'iss']

/**
 * Reads a compact JWS (RFC 7515 section 5.2) strictly: base64url in its one spelling, no duplicate
 * member, an asymmetric algorithm, a signature of its length, no key or address of one in the header.
 *
 * @throws {InputError} `credential/*`, `json/*`
 */
export function readCompact(jwt: string, type: SecuredType): CompactJws {
  if (jwt.length > maxJwt) throw new InputError('credential/too-large', { max: maxJwt })
  const parts = jwt.split('.')
  if (parts.length !== 3) throw new InputError('credential/malformed', { why: 'parts' })
  const [first, second, third] = parts as [string, string, string]
  const header = parseJsonObject(decodeBase64url(first))
  const length = typeof header.alg === 'string' ? signatureBytes.get(header.alg) : undefined
  if (length === undefined) throw new InputError('credential/alg-not-allowed')
  if (header.typ !== type) throw new InputError('credential/wrong-typ', { expected: type })
  for (const name in header) {
    if (!members.includes(name))
      throw new InputError('credential/header-not-allowed', { why: 'member' })
  }
  if (header.cty !== undefined && header.cty !== contentTypes[type])
    throw new InputError('credential/header-not-allowed', { why: 'cty' })
  if (decodeBase64url(third).length !== length)
    throw new InputError('credential/malformed', { why: 'signature length' })
  return { header, payload: parseJsonObject(decodeBase64url(second), { maxLength: maxJwt }) }
}

/**
 * Checks the signature with the one key given.
 *
 * @throws {TrustError} `signature/no-key` where the token names another key or algorithm; `signature/bad`.
 */
export async function verifyCompact(
  jwt: string,
  { header }: CompactJws,
  { alg, names, publicKey }: VerificationMethod,
): Promise<void> {
  const { kid } = header
  if (kid !== undefined && !names.includes(String(kid))) throw new TrustError('signature/no-key')
  if (header.alg !== alg) throw new TrustError('signature/no-key', { why: 'alg' })
  try {
    await compactVerify(jwt, publicKey, { algorithms: [alg] })
  } catch (cause) {
    throw new TrustError('signature/bad', { cause })
  }
}

/** Signs a payload and verifies what was signed. @throws {InputError} `credential/bad-key` */
export async function signCompact(
  payload: JsonObject,
  type: SecuredType,
  { id, alg, publicKey, secretKey }: VerificationMethod,
): Promise<string> {
  if (secretKey === undefined) throw new InputError('credential/bad-key', { why: 'secretKeyJwk' })
  const jwt = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg, typ: type, cty: contentTypes[type], kid: id })
    .sign(secretKey)
  try {
    await compactVerify(jwt, publicKey, { algorithms: [alg] })
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'halves', cause })
  }
  return jwt
}
