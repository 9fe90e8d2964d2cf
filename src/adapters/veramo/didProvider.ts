import type { IAgentContext, IIdentifier, IKey, IKeyManager } from '@veramo/core-types'
import { AbstractIdentifierProvider } from '@veramo/did-manager'
import { InputError } from '../../errors.ts'
import { addressOf } from '../../identity/address.ts'
import type { RegistryCall } from '../../identity/calls.ts'
import { formatEthrDid, parseEthrDid } from '../../identity/did.ts'
import { jwkOfMultikey } from '../../identity/multikey.ts'
import { bytesFromHex } from '../../primitives/bytes.ts'
import { type KeyDoor, kms } from './keys.ts'

/** Shows a key in a DID's document: the ERC-1056 attribute `did/pub/Multikey/veriKey`. */
export type PublishKey = (
  call: Extract<RegistryCall, { readonly call: 'publishKey' }>,
) => Promise<unknown>

/** Longer than any certificate: DepartmentRegistry ends keys, an attribute that runs out must not. */
const defaultValidity = 100 * 365 * 86_400

/**
 * did:ethr for Veramo's DIDManager on the one chain of this deployment. Veramo's own provider writes
 * P-256 keys as `did/pub/Secp256r1/...`, which no specification knows; this one writes Multikeys. A key
 * is retired in DepartmentRegistry, never by taking it out of a document.
 */
export class EthrDidProvider extends AbstractIdentifierProvider {
  readonly #options: {
    readonly chainId: number
    readonly keys: KeyDoor
    readonly publish: PublishKey
  }

  constructor(options: {
    readonly chainId: number
    readonly keys: KeyDoor
    readonly publish: PublishKey
  }) {
    super()
    this.#options = options
  }

  /** A DID from a chain account: `options.keyRef` names a key of purpose `account`, else one is made. */
  async createIdentifier(
    { options = {} }: { options?: { keyRef?: string; kid?: string } },
    context: IAgentContext<IKeyManager>,
  ): Promise<Omit<IIdentifier, 'provider'>> {
    const { keys, chainId } = this.#options
    const made = options.keyRef === undefined && options.kid !== undefined
    if (made) await keys.create(options.kid!, 'account')
    const id = options.keyRef ?? options.kid
    const account = (await keys.list()).find((key) => key.id === id && key.purpose === 'account')
    if (account === undefined) throw new InputError('key/unknown')
    const key = await context.agent.keyManagerGet({ kid: account.id })
    return {
      did: formatEthrDid(chainId, addressOf(account.publicJwk)),
      controllerKeyId: account.id,
      keys: [key],
      services: [],
    }
  }

  async addKey({
    identifier,
    key,
    options,
  }: {
    identifier: IIdentifier
    key: IKey
    options?: { ttl?: number }
  }): Promise<true> {
    const { address, chainId } = parseEthrDid(identifier.did)
    if (chainId !== this.#options.chainId || key.type !== 'Secp256r1' || key.kms !== kms) {
      throw new InputError('agent/not-supported')
    }
    // Refuses a point that is not on the curve, which the registry would take.
    jwkOfMultikey(bytesFromHex(`8024${key.publicKeyHex}`))
    const validSeconds = options?.ttl ?? defaultValidity
    const publicKey = `0x${key.publicKeyHex}`
    await this.#options.publish({
      call: 'publishKey',
      department: address,
      publicKey,
      validSeconds,
    })
    return true
  }

  /** The agent forgets the identifier; its keys stay where they are. */
  async deleteIdentifier(): Promise<boolean> {
    return true
  }

  async updateIdentifier(): Promise<never> {
    throw new InputError('agent/not-supported')
  }

  async removeKey(): Promise<never> {
    throw new InputError('agent/not-supported')
  }

  async addService(): Promise<never> {
    throw new InputError('agent/not-supported')
  }

  async removeService(): Promise<never> {
    throw new InputError('agent/not-supported')
  }

  override matchPrefix(prefix: string): boolean {
    const own = `did:ethr:0x${this.#options.chainId.toString(16)}`
    return prefix === own || prefix.startsWith(`${own}:`)
  }
}
