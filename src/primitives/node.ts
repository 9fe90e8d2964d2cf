import { isUtf8 } from 'node:buffer'
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
  randomFillSync,
} from 'node:crypto'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { InputError } from '../errors.ts'
import { coordinate, keyBytes, requirePoint } from './curve.ts'
import { derFromRaw, rawFromDer } from './der.ts'
import type { PrivateJwk, PrivateKey, PublicJwk, PublicKey } from './model.ts'

/** SHA-256 (FIPS 180-4), 32 bytes. A string counts as its UTF-8 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  // A digest as text costs a third of one as a Buffer, whose memory lies outside the heap.
  const digest = hash('sha256', data, 'binary')
  const bytes = new Uint8Array(32)
  for (let i = 0; i < 32; i++) bytes[i] = digest.charCodeAt(i)
  return bytes
}

/** SHA-256 of ASCII or UTF-8 text, as 43 characters of base64url: the digest of a disclosure. */
export function sha256Base64url(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Keccak-256 as Ethereum uses it (not SHA3-256), 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  return keccak_256(data)
}

const pool = new Uint8Array(16_384)
let used = pool.length

/** `length` bytes from the system's generator, in memory of their own. */
export function randomBytes(length: number): Uint8Array {
  if (length > 256) return randomFillSync(new Uint8Array(length))
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + length)
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

/** Text is written here before it is encoded: a buffer of its own each time costs more than encoding. */
const scratch = Buffer.alloc(16_384)

/** base64url without padding (RFC 4648 section 5). A string counts as its UTF-8 bytes. */
export function encodeBase64url(data: Uint8Array | string): string {
  if (typeof data !== 'string') {
    return Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64url')
  }
  // A UTF-16 unit becomes three bytes at most.
  if (data.length * 3 > scratch.length) return Buffer.from(data).toString('base64url')
  return scratch.toString('base64url', 0, scratch.write(data))
}

/**
 * Reads base64url in its one spelling: no padding, spaces, other alphabet or unused bits.
 *
 * @throws {InputError} `credential/bad-base64url`
 */
export function decodeBase64url(text: string): Uint8Array {
  const buffer = Buffer.from(text, 'base64url')
  if (buffer.toString('base64url') !== text) throw new InputError('credential/bad-base64url')
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

/**
 * Reads UTF-8; a byte order mark stays, as the character it is.
 *
 * @throws {InputError} `json/ill-formed-text` if the bytes are not well-formed UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new InputError('json/ill-formed-text')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

/**
 * Takes a public key into use: P-256 (ES256), secp256k1 (ES256K) or Ed25519 (EdDSA).
 *
 * @throws {InputError} `credential/bad-key` if it is of another kind or no valid point.
 */
export function importPublicKey(jwk: PublicJwk): PublicKey {
  const bytes = keyBytes(jwk, decodeBase64url)
  if (bytes.alg !== 'ES256') requirePoint(bytes)
  const { kty, crv, x, y } = jwk
  try {
    const key: JsonWebKey = y === undefined ? { kty, crv, x } : { kty, crv, x, y }
    return { alg: bytes.alg, handle: createPublicKey({ key, format: 'jwk' }) }
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'point', cause })
  }
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
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  const handle = key.handle as KeyObject
  try {
    return key.alg === 'EdDSA'
      ? nodeVerify(null, bytes, handle, signature)
      : nodeVerify('sha256', bytes, handle, derFromRaw(signature))
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
  const publicKey = importPublicKey(jwk)
  coordinate(jwk.d, decodeBase64url)
  const { kty, crv, x, y, d } = jwk
  let handle: KeyObject
  try {
    const key: JsonWebKey = y === undefined ? { kty, crv, x, d } : { kty, crv, x, y, d }
    handle = createPrivateKey({ key, format: 'jwk' })
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'private', cause })
  }
  const privateKey = { alg: publicKey.alg, handle }
  if (!verifySignature(publicKey, 'weir', sign(privateKey, 'weir'))) {
    throw new InputError('credential/bad-key', { why: 'halves' })
  }
  return privateKey
}

/** Signs `data` (a string counts as its UTF-8 bytes); r || s, 64 bytes. */
export function sign(key: PrivateKey, data: Uint8Array | string): Uint8Array {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  const handle = key.handle as KeyObject
  if (key.alg === 'EdDSA') return new Uint8Array(nodeSign(null, bytes, handle))
  return rawFromDer(nodeSign('sha256', bytes, handle))
}

/** A new P-256 key pair. */
export function generateKeyPair(): { privateJwk: PrivateJwk; publicJwk: PublicJwk } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' }) as Required<PrivateJwk>
  return { privateJwk: { kty, crv, x, y, d }, publicJwk: { kty, crv, x, y } }
}
