import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
  type ScryptOptions,
  scrypt,
} from 'node:crypto'
import { InputError, TrustError } from '../../errors.ts'

/** How the encryption key is made, as the store file says it. */
export type Derivation =
  | { readonly name: 'scrypt'; readonly n: number; readonly salt: string }
  | { readonly name: 'hkdf-sha256'; readonly salt: string }

const tagBytes = 16
const nonceBytes = 12
const scryptBlock = 8
/** Memory for one derivation is 128 * n * 8 bytes: 128 MiB. */
const scryptCost = 2 ** 17
const maxScryptCost = 2 ** 20

/** A fresh derivation: scrypt for a passphrase, HKDF for the uniform bytes of a key file. */
export function newDerivation(kind: 'passphrase' | 'keyFile'): Derivation {
  const salt = randomBytes(32).toString('base64url')
  return kind === 'passphrase'
    ? { name: 'scrypt', n: scryptCost, salt }
    : { name: 'hkdf-sha256', salt }
}

/**
 * The AES-256 key of a store.
 *
 * @param secret the passphrase's UTF-8, or the key file's bytes.
 * @throws {InputError} `key/damaged-store` if the derivation asks for less or more work than is sensible.
 */
export async function deriveKey(secret: Uint8Array, derivation: Derivation): Promise<Uint8Array> {
  const salt = Buffer.from(derivation.salt, 'base64url')
  if (salt.length < 16) throw new InputError('key/damaged-store')
  if (derivation.name === 'hkdf-sha256') {
    return new Uint8Array(hkdfSync('sha256', secret, salt, 'weir/keystore/1', 32))
  }
  const { n } = derivation
  if (n < scryptCost || n > maxScryptCost || (n & (n - 1)) !== 0) {
    throw new InputError('key/damaged-store')
  }
  const options: ScryptOptions = { N: n, r: scryptBlock, p: 1, maxmem: 256 * n * scryptBlock }
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/**
 * Encrypts with AES-256-GCM under a fresh nonce.
 *
 * @param context what the text is; the same must be named to open it.
 * @returns base64url of nonce (12), ciphertext and tag (16).
 */
export function seal(key: Uint8Array, context: string, plain: Uint8Array): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const text = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return text.toString('base64url')
}

/**
 * The reverse of {@link seal}.
 *
 * @throws {TrustError} `key/not-authentic` if key, context or a single bit is another.
 */
export function unseal(key: Uint8Array, context: string, sealed: string): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64url')
  try {
    const nonce = bytes.subarray(0, nonceBytes)
    const tag = bytes.subarray(bytes.length - tagBytes)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
    const text = bytes.subarray(nonceBytes, bytes.length - tagBytes)
    return Buffer.concat([decipher.update(text), decipher.final()])
  } catch {
    // What the library says about the failure helps nobody but an attacker.
    throw new TrustError('key/not-authentic')
  }
}
