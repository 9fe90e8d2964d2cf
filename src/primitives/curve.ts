import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { InputError } from '../errors.ts'
import { concat } from './bytes.ts'
import type { Algorithm, PublicJwk } from './model.ts'

/** The algorithm belongs to the curve and to nothing that a token says. */
const algorithms = new Map<string, Algorithm>([
  ['EC P-256', 'ES256'],
  ['EC secp256k1', 'ES256K'],
  ['OKP Ed25519', 'EdDSA'],
])

/** A public key's algorithm and its bytes: `04 x y` for the ECDSA curves, 32 bytes for Ed25519. */
export type KeyBytes = { readonly alg: Algorithm; readonly point: Uint8Array }

/**
 * Reads the members of a JWK; the point itself is not checked here.
 *
 * @param decode strict base64url.
 * @throws {InputError} `credential/bad-key` for another kind of key or a coordinate not of 32 bytes.
 */
export function keyBytes(jwk: PublicJwk, decode: (text: string) => Uint8Array): KeyBytes {
  const alg = algorithms.get(`${jwk.kty} ${jwk.crv}`)
  if (alg === undefined) throw new InputError('credential/bad-key', { why: 'curve' })
  const x = coordinate(jwk.x, decode)
  if (alg === 'EdDSA') {
    if (jwk.y !== undefined) throw new InputError('credential/bad-key', { why: 'y' })
    return { alg, point: x }
  }
  return { alg, point: concat(Uint8Array.of(4), x, coordinate(jwk.y, decode)) }
}

/**
 * One 32-byte member of a JWK.
 *
 * @throws {InputError} `credential/bad-key`
 */
export function coordinate(text: unknown, decode: (text: string) => Uint8Array): Uint8Array {
  if (typeof text !== 'string' || text.length !== 43) {
    throw new InputError('credential/bad-key', { why: 'length' })
  }
  try {
    return decode(text)
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'base64url', cause })
  }
}

/**
 * Refuses a point that is not on its curve, and on Ed25519 one of small order, under which one
 * signature verifies for many messages (RFC 8032 section 5.1.7 leaves it open; we do not).
 *
 * @throws {InputError} `credential/bad-key`
 */
export function requirePoint({ alg, point }: KeyBytes): void {
  try {
    if (alg === 'EdDSA') {
      if (ed25519.Point.fromBytes(point, false).isSmallOrder()) throw new Error('small order')
    } else {
      const curve = alg === 'ES256' ? p256 : secp256k1
      curve.Point.fromBytes(point).assertValidity()
    }
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'point', cause })
  }
}

/** A P-256 point `04 x y` from its 33-byte compressed form (SEC 1 section 2.3.4), as a DID shows it.
 *
 * @throws {InputError} `credential/bad-key`
 */
export function decompressP256(compressed: Uint8Array): Uint8Array {
  return decompress(p256, compressed)
}

/** The same for secp256k1. @throws {InputError} `credential/bad-key` */
export function decompressSecp256k1(compressed: Uint8Array): Uint8Array {
  return decompress(secp256k1, compressed)
}

function decompress(curve: typeof p256, compressed: Uint8Array): Uint8Array {
  try {
    if (compressed.length !== 33) throw new Error('length')
    return curve.Point.fromBytes(compressed).toBytes(false)
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'point', cause })
  }
}
