import { createAgent } from '@veramo/core'
import type { ICredentialPlugin, IDIDManager, IKeyManager, IResolver } from '@veramo/core-types'
import { CredentialPlugin } from '@veramo/credential-w3c'
import { DIDManager, MemoryDIDStore } from '@veramo/did-manager'
import { DIDResolverPlugin } from '@veramo/did-resolver'
import { KeyManager } from '@veramo/key-manager'
import { createVeramoAgent } from '../../src/adapters/veramo/agent.ts'
import { EthrDidProvider } from '../../src/adapters/veramo/didProvider.ts'
import { KeyList, KeyManagement } from '../../src/adapters/veramo/keyManagement.ts'
import { kms } from '../../src/adapters/veramo/keys.ts'
import { credentialProviders } from '../../src/agent/provider.ts'
import { statusPlugin } from '../../src/agent/statusPlugin.ts'
import { getResolver } from '../../src/identity/resolver.ts'
import { type agentWorld, claims, holderDid } from './world.ts'

type Plugins = IDIDManager & IKeyManager & IResolver & ICredentialPlugin
/** A department, its keys and its issuer and verifier roles. */
export type World = ReturnType<typeof agentWorld>

const resolverOf = ({ chainId, world }: World) => ({
  ...getResolver({
    chainId,
    source: {
      history: async () => ({ head: { number: 1, time: world.now() }, events: [] }),
      blockTime: async () => world.now(),
    },
  }),
})

/** A createAgent such as anybody writes, with our plugins. */
export async function plainAgent(own: World) {
  const { did, door, roles, chainId } = own
  const store = new MemoryDIDStore()
  const keys = [await new KeyList(door).getKey({ kid: 'assertion' })]
  await store.importDID({ did, alias: 'sample', provider: 'did:ethr', keys, services: [] })
  const provider = new EthrDidProvider({ chainId, keys: door, publish: async () => {} })
  return createAgent<Plugins>({
    plugins: [
      new KeyManager({ store: new KeyList(door), kms: { [kms]: new KeyManagement(door) } }),
      new DIDManager({ store, defaultProvider: 'did:ethr', providers: { 'did:ethr': provider } }),
      new DIDResolverPlugin(resolverOf(own)),
      new CredentialPlugin(credentialProviders(roles)),
      statusPlugin(roles),
    ],
  })
}

/** The same by our own createVeramoAgent, which says nothing in the debug log. */
export function quietAgent(own: World) {
  const { did, door, roles, chainId } = own
  return createVeramoAgent({
    chainId,
    identifiers: [{ did, keys: ['assertion'] }],
    keys: door,
    publish: async () => {},
    resolvers: resolverOf(own),
    providers: credentialProviders(roles),
    plugins: [statusPlugin(roles)],
  })
}

/** A credential of the world's type to be signed. */
export const credentialOf = ({ did, titleType }: World, more: object = {}) => ({
  issuer: did,
  credentialSchema: { id: titleType, type: 'JsonSchema' },
  credentialSubject: { id: holderDid, ...claims },
  ...more,
})

/** The token that a document carries. */
export const tokenIn = (document: { proof?: unknown }) => (document.proof as { jwt: string }).jwt
/** Veramo's name of what was wrong. */
export const errorCode = (result: { error?: { errorCode?: string } }) => result.error?.errorCode
