import type { IKey, ManagedKeyInfo, TKeyType } from '@veramo/core-types'
import { AbstractKeyManagementSystem, AbstractKeyStore } from '@veramo/key-manager'
import { decodeUtf8, encodeBase64url } from '#primitives'
import { InputError } from '../../errors.ts'
import type { SigningKind } from '../../ports/signing.ts'
import { type KeyDoor, managedKey } from './keys.ts'

const kinds: readonly SigningKind[] = [
  'credential',
  'status-list',
  'request',
  'presentation',
  'key-binding',
  'key-proposal',
]

/**
 * Veramo's key management over ours. It signs tokens that fit a key's purpose and nothing else, with the
 * platform's P-256; transactions are signed where the chain is written. Keys are not imported through
 * an agent, since Veramo writes arguments to its debug log.
 */
export class KeyManagement extends AbstractKeyManagementSystem {
  readonly #door: KeyDoor

  constructor(door: KeyDoor) {
    super()
    this.#door = door
  }

  async createKey({
    type,
    kid,
    meta,
  }: {
    type: TKeyType
    kid?: string
    meta?: { purpose?: unknown }
  }): Promise<ManagedKeyInfo> {
    const isAccount = type === 'Secp256k1'
    if (kid === undefined || (!isAccount && type !== 'Secp256r1')) {
      throw new InputError('agent/not-supported')
    }
    const purpose = isAccount ? 'account' : String(meta?.purpose ?? 'assertion')
    return managedKey(await this.#door.create(kid, purpose))
  }

  async listKeys(): Promise<ManagedKeyInfo[]> {
    return (await this.#door.list()).map(managedKey)
  }

  async deleteKey({ kid }: { kid: string }): Promise<boolean> {
    await this.#door.remove(kid)
    return true
  }

  async sign({
    keyRef,
    algorithm = 'ES256',
    data,
  }: {
    keyRef: Pick<IKey, 'kid'>
    algorithm?: string
    data: Uint8Array
  }): Promise<string> {
    const signer = await this.#door.signer(keyRef.kid)
    if (signer === undefined || algorithm !== signer.key.alg) {
      throw new InputError('agent/not-supported')
    }
    const input = decodeUtf8(data)
    for (const kind of kinds) {
      try {
        const [signature] = await signer.sign(kind, [input])
        return encodeBase64url(signature!)
      } catch (error) {
        if (!(error instanceof InputError && error.code === 'key/wrong-kind')) throw error
      }
    }
    throw new InputError('key/wrong-kind')
  }

  async importKey(): Promise<never> {
    throw new InputError('agent/not-supported')
  }

  async sharedSecret(): Promise<never> {
    throw new InputError('agent/not-supported')
  }
}

/** What Veramo's KeyManager remembers of keys: nothing of its own, it asks the door each time. */
export class KeyList extends AbstractKeyStore {
  readonly #door: KeyDoor

  constructor(door: KeyDoor) {
    super()
    this.#door = door
  }

  async getKey({ kid }: { kid: string }): Promise<IKey> {
    const found = (await this.#door.list()).find(({ id }) => id === kid)
    if (found === undefined) throw new InputError('key/unknown')
    return managedKey(found)
  }

  async listKeys(): Promise<ManagedKeyInfo[]> {
    return (await this.#door.list()).map(managedKey)
  }

  async importKey(): Promise<boolean> {
    return true
  }

  async deleteKey(): Promise<boolean> {
    return true
  }
}
