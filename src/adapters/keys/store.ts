import { generateKeyPairSync } from 'node:crypto'
import { importPrivateKey } from '#primitives'
import { InputError, TrustError } from '../../errors.ts'
import type { KeyPurpose } from '../../identity/model.ts'
import type { PrivateJwk, PublicJwk } from '../../primitives/model.ts'
import { type Derivation, deriveKey, newDerivation, seal, unseal } from './envelope.ts'
import { withFileLock } from './fileLock.ts'
import { type StoreSecret, secretBytes } from './secret.ts'
import { isKeyId, readStoreFile, type StoreFile, writeStoreFile } from './storeFile.ts'

/**
 * `account` keys are secp256k1 and sign transactions, `integrity` keys are Ed25519 and sign Data Integrity
 * proofs; all others are P-256.
 */
export type StoredPurpose = KeyPurpose | 'holder' | 'account' | 'authority' | 'integrity'

/** The public side of a key in the store. */
export type StoredKey = {
  readonly id: string
  readonly purpose: StoredPurpose
  readonly publicJwk: PublicJwk
}

/** Private keys on the disk of this machine, each encrypted and bound to its name and purpose. */
export type KeyStore = {
  list(): Promise<StoredKey[]>
  /** Makes a key. @throws {InputError} `key/exists`, `key/bad-id` */
  create(id: string, purpose: StoredPurpose): Promise<StoredKey>
  /** Takes in a key made elsewhere. @throws {InputError} `key/exists`, `key/bad-id`, `credential/bad-key` */
  add(id: string, purpose: StoredPurpose, key: PrivateJwk): Promise<StoredKey>
  /**
   * The private key, to hand to a signer and to nothing else.
   *
   * @throws {InputError} `key/unknown` if there is none of this name and purpose.
   * @throws {TrustError} `key/not-authentic` if it was changed or moved.
   */
  load(id: string, purpose: StoredPurpose): Promise<PrivateJwk>
  /** Destroys a key. @throws {InputError} `key/unknown` */
  remove(id: string): Promise<void>
  /**
   * Encrypts a short-lived secret that is kept elsewhere, a session's say, under the store's own key.
   *
   * @param context what it is; the same must be named to open it.
   * @returns base64url.
   */
  seal(context: string, plain: Uint8Array): string
  /** The reverse. @throws {TrustError} `key/not-authentic` if a bit or the context is another. */
  unseal(context: string, sealed: string): Uint8Array
}

const checkContext = 'weir/keystore/1 check'

/**
 * Opens the key store in a file; the file appears with the first key.
 *
 * @param path JSON, mode 0600. Every write replaces it whole; processes that share it write one after
 *   another, and each reads what the others wrote.
 * @throws {InputError} `key/weak-secret`, `key/no-file`, `key/open-to-others`, `key/damaged-store`,
 *   `key/wrong-secret`.
 */
export async function openKeyStore(path: string, secret: StoreSecret): Promise<KeyStore> {
  const bytes = await secretBytes(secret)
  const found = await readStoreFile(path)
  let derivation =
    found?.derivation ?? newDerivation('passphrase' in secret ? 'passphrase' : 'keyFile')
  let key = await deriveKey(bytes, derivation)
  if (found !== undefined) requireSecret(key, found)
  // One change after another, each on what the file holds then.
  let last: Promise<unknown> = Promise.resolve()

  async function read(): Promise<StoreFile> {
    const file = await readStoreFile(path)
    if (file === undefined) {
      const check = seal(key, checkContext, new Uint8Array())
      return { weirKeyStore: 1, derivation, check, keys: [] }
    }
    if (!isSame(file.derivation, derivation)) {
      // There was no file when it was opened, and another process made one since.
      key = await deriveKey(bytes, file.derivation)
      derivation = file.derivation
    }
    requireSecret(key, file)
    return file
  }

  function change(edit: (file: StoreFile) => StoreFile): Promise<void> {
    const done = last.then(() =>
      withFileLock(path, async () => writeStoreFile(path, edit(await read()))),
    )
    last = done.catch(() => undefined)
    return done
  }

  async function add(id: string, purpose: StoredPurpose, jwk: PrivateJwk): Promise<StoredKey> {
    if (!isKeyId(id)) throw new InputError('key/bad-id')
    const { d, ...publicJwk } = jwk
    if (publicJwk.crv !== curveOf(purpose))
      throw new InputError('credential/bad-key', { why: 'curve' })
    importPrivateKey(jwk)
    const stored = { id, purpose, publicJwk }
    await change((file) => {
      if (file.keys.some((one) => one.id === id)) throw new InputError('key/exists')
      // Not before the file is read: that says what it is sealed with.
      const sealed = seal(key, contextOf(stored), Buffer.from(d, 'base64url'))
      return { ...file, keys: [...file.keys, { ...stored, sealed }] }
    })
    return stored
  }

  return {
    async list() {
      return (await read()).keys.map(({ id, purpose, publicJwk }) => ({ id, purpose, publicJwk }))
    },
    create: (id, purpose) => add(id, purpose, generate(curveOf(purpose))),
    add,
    async load(id, purpose) {
      const found = (await read()).keys.find((one) => one.id === id && one.purpose === purpose)
      if (found === undefined) throw new InputError('key/unknown')
      const d = Buffer.from(unseal(key, contextOf(found), found.sealed)).toString('base64url')
      return { ...found.publicJwk, d }
    },
    async remove(id) {
      await change((file) => {
        if (!file.keys.some((one) => one.id === id)) throw new InputError('key/unknown')
        return { ...file, keys: file.keys.filter((one) => one.id !== id) }
      })
    },
    seal: (context, plain) => seal(key, sealedContext(context), plain),
    unseal: (context, sealed) => unseal(key, sealedContext(context), sealed),
  }
}

function isSame(one: Derivation, other: Derivation): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function requireSecret(key: Uint8Array, file: StoreFile): void {
  try {
    unseal(key, checkContext, file.check)
  } catch (error) {
    if (error instanceof TrustError) throw new InputError('key/wrong-secret')
    throw error
  }
}

/** What a sealed key is bound to: its name, its purpose and its public half. */
function contextOf({ id, purpose, publicJwk: { crv, x, y } }: StoredKey): string {
  return JSON.stringify(['weir/keystore/1 key', id, purpose, crv, x, y])
}

/** What is kept elsewhere never opens as a key of the store, nor a key as that. */
function sealedContext(context: string): string {
  return JSON.stringify(['weir/keystore/1 sealed', context])
}

type Curve = 'secp256k1' | 'P-256' | 'Ed25519'

function curveOf(purpose: StoredPurpose): Curve {
  if (purpose === 'integrity') return 'Ed25519'
  return purpose === 'account' ? 'secp256k1' : 'P-256'
}

function generate(namedCurve: Curve): PrivateJwk {
  if (namedCurve === 'Ed25519') {
    const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    return { kty, crv, x, d } as PrivateJwk
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' }) as Required<PrivateJwk>
  return { kty, crv, x, y, d }
}
