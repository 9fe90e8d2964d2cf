import { readFile } from 'node:fs/promises'
import { InputError, OutsideError } from '../../errors.ts'
import type { PublicJwk } from '../../primitives/model.ts'
import { writeAtomically } from './atomicFile.ts'
import type { Derivation } from './envelope.ts'
import { requirePrivate } from './secret.ts'
import type { StoredKey, StoredPurpose } from './store.ts'

/** A key at rest: its public half in the open, its private scalar sealed. */
type SealedKey = StoredKey & { readonly sealed: string }

/** The file of a key store. `check` opens with the right secret only, whether there are keys or not. */
export type StoreFile = {
  readonly weirKeyStore: 1
  readonly derivation: Derivation
  readonly check: string
  readonly keys: readonly SealedKey[]
}

const purposes: readonly StoredPurpose[] = [
  'assertion',
  'status',
  'request',
  'holder',
  'account',
  'authority',
  'integrity',
]
const maxBytes = 16_777_216
const idPattern = /^[A-Za-z0-9._:#-]{1,160}$/

/** Whether `id` may name a key: 1 to 160 of letters, digits and `._:#-`. */
export function isKeyId(id: unknown): id is string {
  return typeof id === 'string' && idPattern.test(id)
}

/**
 * Reads a store's file.
 *
 * @returns undefined if there is none.
 * @throws {InputError} `key/damaged-store`, `key/open-to-others`.
 * @throws {OutsideError} `key/unavailable` if the disk does not give it.
 */
export async function readStoreFile(path: string): Promise<StoreFile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined
    throw new OutsideError('key/unavailable', { cause })
  }
  await requirePrivate(path)
  let value: unknown
  try {
    value = text.length > maxBytes ? undefined : JSON.parse(text)
  } catch {
    // The parser's message would quote the file.
    throw new InputError('key/damaged-store')
  }
  if (!isStoreFile(value)) throw new InputError('key/damaged-store')
  return value
}

/**
 * Writes a store's file, atomically and synced.
 *
 * @throws {OutsideError} `key/unavailable` if the disk does not take it.
 */
export async function writeStoreFile(path: string, file: StoreFile): Promise<void> {
  try {
    await writeAtomically(path, `${JSON.stringify(file, null, 2)}\n`)
  } catch (cause) {
    throw new OutsideError('key/unavailable', { cause })
  }
}

function isStoreFile(value: unknown): value is StoreFile {
  if (!isRecord(value) || value.weirKeyStore !== 1 || typeof value.check !== 'string') return false
  const { derivation, keys } = value
  if (!isRecord(derivation) || typeof derivation.salt !== 'string') return false
  const isKnown =
    (derivation.name === 'scrypt' && typeof derivation.n === 'number') ||
    derivation.name === 'hkdf-sha256'
  if (!isKnown || !Array.isArray(keys) || !keys.every(isSealedKey)) return false
  return new Set(keys.map((key) => key.id)).size === keys.length
}

function isSealedKey(value: unknown): value is SealedKey {
  return (
    isRecord(value) &&
    isKeyId(value.id) &&
    purposes.includes(value.purpose as StoredPurpose) &&
    typeof value.sealed === 'string' &&
    isJwk(value.publicJwk)
  )
}

function isJwk(value: unknown): value is PublicJwk {
  if (!isRecord(value)) return false
  // RFC 8037 section 2: an OKP key has no y.
  const names = value.kty === 'OKP' ? ['crv', 'x'] : ['kty', 'crv', 'x', 'y']
  return names.every((name) => typeof value[name] === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
