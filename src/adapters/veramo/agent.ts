import { createAgent } from '@veramo/core'
import type {
  IAgentPlugin,
  ICredentialPlugin,
  IDIDManager,
  IKeyManager,
  IResolver,
  TAgent,
} from '@veramo/core-types'
import { CredentialPlugin, type ICredentialProvider } from '@veramo/credential-w3c'
import { DIDManager, MemoryDIDStore } from '@veramo/did-manager'
import { DIDResolverPlugin } from '@veramo/did-resolver'
import { KeyManager } from '@veramo/key-manager'
import type { DIDResolver } from 'did-resolver'
import { EthrDidProvider, type PublishKey } from './didProvider.ts'
import { KeyList, KeyManagement } from './keyManagement.ts'
import { type KeyDoor, kms } from './keys.ts'
import { quietly } from './quiet.ts'

/** What an agent of Weir can do. */
export type VeramoAgent = TAgent<IDIDManager & IKeyManager & IResolver & ICredentialPlugin>

/** What an agent stands on. */
export type VeramoOptions = {
  readonly chainId: number
  /** Departments of this agent, each with the ids of its keys; all must be behind the door. */
  readonly identifiers: readonly {
    readonly did: string
    readonly alias?: string
    readonly keys: readonly string[]
  }[]
  readonly keys: KeyDoor
  readonly publish: PublishKey
  /** `getResolver` of `identity/`, and other methods if wanted. */
  readonly resolvers: Readonly<Record<string, DIDResolver>>
  /** Of `agent/`: one for each format. */
  readonly providers: readonly ICredentialProvider[]
  /** Of `agent/`: the status plugin; more if wanted. */
  readonly plugins?: readonly IAgentPlugin[]
}

/**
 * Makes a Veramo agent on our keys, our did:ethr and our credential providers. It writes no arguments and
 * no results to the debug log, as Veramo's own does with whole credentials.
 *
 * @throws {InputError} `key/unknown` if an identifier names a key that is not there.
 */
export async function createVeramoAgent(options: VeramoOptions): Promise<VeramoAgent> {
  const { chainId, keys, publish } = options
  const provider = `did:ethr:0x${chainId.toString(16)}`
  const list = new KeyList(keys)
  const store = new MemoryDIDStore()
  for (const { did, alias, keys: ids } of options.identifiers) {
    const own = await Promise.all(ids.map((kid) => list.getKey({ kid })))
    await store.importDID({ did, alias: alias ?? did, provider, keys: own, services: [] })
  }
  const agent = createAgent<IDIDManager & IKeyManager & IResolver & ICredentialPlugin>({
    plugins: [
      new KeyManager({ store: list, kms: { [kms]: new KeyManagement(keys) } }),
      new DIDManager({
        store,
        defaultProvider: provider,
        providers: { [provider]: new EthrDidProvider({ chainId, keys, publish }) },
      }),
      new DIDResolverPlugin({ ...options.resolvers }),
      new CredentialPlugin([...options.providers]),
      ...(options.plugins ?? []),
    ],
  })
  return quietly(agent)
}
