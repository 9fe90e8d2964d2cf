import { sha256 } from '#primitives'
import { hex } from '../primitives/bytes.ts'
import type { PublicJwk } from '../primitives/model.ts'

/**
 * How Weir names a key everywhere.
 *
 * @returns RFC 7638 SHA-256 thumbprint, `0x` and 64 hex digits.
 * @see RFC 7638, section 3.2 (required members in lexicographic order)
 */
export function thumbprint({ kty, crv, x, y }: PublicJwk): string {
  return `0x${hex(sha256(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y })))}`
}
