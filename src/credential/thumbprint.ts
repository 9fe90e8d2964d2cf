import { sha256 } from '#primitives'
import { hex } from '../primitives/bytes.ts'
import type { PublicJwk } from './model.ts'

/**
 * The name of a key: SHA-256 over its required members in lexical order.
 *
 * @returns 32 bytes.
 * @see RFC 7638, section 3; RFC 8037, section 2 for Ed25519.
 */
export function thumbprint(jwk: PublicJwk): Uint8Array {
  return sha256(canonicalJwk(jwk))
}

/** The same as `0x` and 64 hex digits, as the chain keeps it. */
export function thumbprintHex(jwk: PublicJwk): string {
  return `0x${hex(thumbprint(jwk))}`
}

/** The required members of a JWK in lexical order, without spaces (RFC 7638 section 3.3). */
export function canonicalJwk({ kty, crv, x, y }: PublicJwk): string {
  return JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y })
}
