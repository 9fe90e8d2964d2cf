import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { InputError } from '../errors.ts'
import { fromBase64url, toBase64url } from './base64.ts'
import { equalBytes } from './bytes.ts'
import { coordinate, keyBytes, requirePoint } from './curve.ts'
import type { PrivateJwk, PrivateKey, PublicJwk, PublicKey } from './model.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? encoder.encode(data) : data
}

/** SHA-256 (FIPS 180-4), 32 bytes. A string counts as its UTF-8 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return nobleSha256(bytesOf(data))
}

/** SHA-256 of ASCII or UTF-8 text, as 43 characters of base64url: the digest of a disclosure. */
export function sha256Base64url(text: string): string {
  return toBase64url(sha256(text))
}

/** Keccak-256 as Ethereum uses it (not SHA3-256), 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  return keccak_256(data)
}

/** `length` bytes from the system's generator, in memory of their own. */
export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  // The platform gives at most 65,536 bytes a call.
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  }
  return bytes
}

/** base64url without padding (RFC 4648 section 5). A string counts as its UTF-8 bytes. */
export function encodeBase64url(data: Uint8Array | string): string {
  return toBase64url(bytesOf(data))
}

/**
 * Reads base64url in its one spelling: no padding, spaces, other alphabet or unused bits.
 *
 * @throws {InputError} `credential/bad-base64url`
 */
export function decodeBase64url(text: string): Uint8Array {
  return fromBase64url(text)
}

/**
 * Reads UTF-8; a byte order mark stays, as the character it is.
 *
 * @throws {InputError} `json/ill-formed-text` if the bytes are not well-formed UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new InputError('json/ill-formed-text', { cause })
  }
}

/**
 * Takes a public key into use: P-256 (ES256), secp256k1 (ES256K) or Ed25519 (EdDSA).
 *
 * @throws {InputError} `credential/bad-key` if it is of another kind or no valid point.
 */
export function importPublicKey(jwk: PublicJwk): PublicKey {
  const bytes = keyBytes(jwk, fromBase64url)
  requirePoint(bytes)
  return { alg: bytes.alg, handle: bytes.point }
}

/**
 * Whether `signature` is the key's over `data`. Never throws.
 *
 * @param data a string counts as its UTF-8 bytes.
 * @param signature r || s, 64 bytes; for ECDSA s may be in either half, for Ed25519 it is below L.
 */
export function verifySignature(
  key: PublicKey,
  data: Uint8Array | string,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false
  const point = key.handle as Uint8Array
  try {
    if (key.alg === 'EdDSA') {
      return ed25519.verify(signature, bytesOf(data), point, { zip215: false })
    }
    const curve = key.alg === 'ES256' ? p256 : secp256k1
    return curve.verify(signature, bytesOf(data), point, { lowS: false })
  } catch {
    return false
  }
}

/**
 * Takes a private key into use.
 *
 * @throws {InputError} `credential/bad-key` if it is no valid key or does not belong to its public half.
 */
export function importPrivateKey(jwk: PrivateJwk): PrivateKey {
  const { alg, point } = keyBytes(jwk, fromBase64url)
  const d = coordinate(jwk.d, fromBase64url)
  let derived: Uint8Array
  try {
    if (alg === 'EdDSA') derived = ed25519.getPublicKey(d)
    else derived = (alg === 'ES256' ? p256 : secp256k1).getPublicKey(d, false)
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'private', cause })
  }
  if (!equalBytes(derived, point)) throw new InputError('credential/bad-key', { why: 'halves' })
  return { alg, handle: d }
}

/** Signs `data` (a string counts as its UTF-8 bytes); r || s, 64 bytes. */
export function sign(key: PrivateKey, data: Uint8Array | string): Uint8Array {
  const d = key.handle as Uint8Array
  if (key.alg === 'EdDSA') return ed25519.sign(bytesOf(data), d)
  return (key.alg === 'ES256' ? p256 : secp256k1).sign(bytesOf(data), d, { lowS: false })
}

/** A new P-256 key pair. */
export function generateKeyPair(): { privateJwk: PrivateJwk; publicJwk: PublicJwk } {
  const d = p256.utils.randomSecretKey()
  const point = p256.getPublicKey(d, false)
  const publicJwk = {
    kty: 'EC',
    crv: 'P-256',
    x: toBase64url(point.subarray(1, 33)),
    y: toBase64url(point.subarray(33)),
  }
  return { privateJwk: { ...publicJwk, d: toBase64url(d) }, publicJwk }
}
