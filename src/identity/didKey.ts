import { encodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import { decompressP256, decompressSecp256k1 } from '../primitives/curve.ts'
import type { PublicJwk } from '../primitives/model.ts'
import { bytesOfMultibase58, multibase58 } from './base58.ts'

const prefix = 'did:key:'

/** Multicodec prefixes of the keys that Weir verifies with. */
const p256 = [0x80, 0x24] as const
const secp256k1 = [0xe7, 0x01] as const
const ed25519 = [0xed, 0x01] as const

/**
 * The key that a did:key is: P-256, secp256k1 or Ed25519.
 *
 * @param did a DID, or the DID URL of its one key (`did:key:z...#z...`).
 * @throws {InputError} `credential/bad-key` if it is none of these in its one spelling, or names another key.
 * @see did:key method, section 3.1.3; Controlled Identifiers 1.0, section 2.2.2
 */
export function jwkOfDidKey(did: string): PublicJwk {
  const [id = '', fragment] = did.split('#')
  const text = id.startsWith(prefix) ? id.slice(prefix.length) : ''
  if (text.length < 40 || text.length > 60 || (fragment !== undefined && fragment !== text)) {
    throw new InputError('credential/bad-key', { why: 'did:key' })
  }
  const bytes = bytesOfMultibase58(text)
  if (multibase58(bytes) !== text) throw new InputError('credential/bad-key', { why: 'did:key' })
  const [first, second] = bytes
  const is = ([one, two]: readonly [number, number]) => first === one && second === two
  const rest = bytes.subarray(2)
  if (is(p256)) return ecJwk('P-256', decompressP256(rest))
  if (is(secp256k1)) return ecJwk('secp256k1', decompressSecp256k1(rest))
  if (is(ed25519) && rest.length === 32) {
    return { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(rest) }
  }
  throw new InputError('credential/bad-key', { why: 'multicodec' })
}

function ecJwk(crv: string, point: Uint8Array): PublicJwk {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)]
  return { kty: 'EC', crv, x: encodeBase64url(x), y: encodeBase64url(y) }
}
