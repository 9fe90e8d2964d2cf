import { decodeBase64url, encodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import { concat, hex } from '../primitives/bytes.ts'
import { decompressP256 } from '../primitives/curve.ts'
import type { PublicJwk } from '../primitives/model.ts'

const p256Prefix = Uint8Array.of(0x80, 0x24)

/** Name, as bytes32, of the ERC-1056 attribute that shows a department's P-256 key. */
export const multikeyAttribute = `0x${hex(
  concat(new TextEncoder().encode('did/pub/Multikey/veriKey'), new Uint8Array(8)),
)}`

/**
 * The value of the attribute: multicodec `p256-pub` (0x8024) and the compressed key, 35 bytes.
 *
 * @throws {InputError} `credential/bad-key` if the key is not of P-256.
 */
export function multikeyValue(jwk: PublicJwk): Uint8Array {
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256' || jwk.y === undefined) {
    throw new InputError('credential/bad-key', { why: 'curve' })
  }
  const x = decodeBase64url(jwk.x)
  const y = decodeBase64url(jwk.y)
  if (x.length !== 32 || y.length !== 32)
    throw new InputError('credential/bad-key', { why: 'length' })
  // SEC 1 section 2.3.3: 02 for an even y, 03 for an odd one.
  return concat(p256Prefix, Uint8Array.of(2 + (y[31]! & 1)), x)
}

/**
 * The key in a value that {@link multikeyValue} made.
 *
 * @throws {InputError} `credential/bad-key`
 */
export function jwkOfMultikey(value: Uint8Array): PublicJwk {
  if (value.length !== 35 || value[0] !== p256Prefix[0] || value[1] !== p256Prefix[1]) {
    throw new InputError('credential/bad-key', { why: 'multicodec' })
  }
  const point = decompressP256(value.subarray(2))
  return {
    kty: 'EC',
    crv: 'P-256',
    x: encodeBase64url(point.subarray(1, 33)),
    y: encodeBase64url(point.subarray(33)),
  }
}
