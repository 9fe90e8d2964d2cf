import { decodeBase64url, keccak256 } from '#primitives'
import { InputError } from '../errors.ts'
import { concat, hex } from '../primitives/bytes.ts'
import type { PublicJwk } from '../primitives/model.ts'

/**
 * The chain account of a secp256k1 key.
 *
 * @returns 20 bytes, lower-case `0x` hex.
 * @throws {InputError} `credential/bad-key` for a key of another curve.
 */
export function addressOf({ crv, x, y }: PublicJwk): string {
  if (crv !== 'secp256k1' || y === undefined) {
    throw new InputError('credential/bad-key', { why: 'curve' })
  }
  return `0x${hex(keccak256(concat(decodeBase64url(x), decodeBase64url(y))).subarray(12))}`
}
