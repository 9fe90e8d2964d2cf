import { decodeBase64url, encodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import { readJwk } from './claims.ts'
import { parseJson } from './json.ts'
import type { PublicJwk } from './model.ts'
import { canonicalJwk } from './thumbprint.ts'

const prefix = 'did:jwk:'

/** The holder's DID: its public key itself (did:jwk method), members in lexical order. */
export function didJwk(jwk: PublicJwk): string {
  return prefix + encodeBase64url(canonicalJwk(jwk))
}

/** The DID URL of the only key of a did:jwk. */
export function didJwkUrl(jwk: PublicJwk): string {
  return `${didJwk(jwk)}#0`
}

/**
 * The key that a did:jwk is.
 *
 * @param did a DID or a DID URL with the fragment `0`.
 * @throws {InputError} `credential/bad-key` if it is none, or holds a private key.
 */
export function jwkOfDid(did: string): PublicJwk {
  const text = did.endsWith('#0') ? did.slice(0, -2) : did
  if (!text.startsWith(prefix) || text.length > 1024) throw new InputError('credential/bad-key')
  try {
    return readJwk(parseJson(decodeBase64url(text.slice(prefix.length))), 'did')
  } catch (cause) {
    throw new InputError('credential/bad-key', { cause })
  }
}
