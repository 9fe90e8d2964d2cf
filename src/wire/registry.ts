import { readDeployment } from '../adapters/chain/deployment.ts'
import { Mirror } from '../adapters/chain/mirror.ts'
import { openFetch } from '../adapters/http/fetch.ts'
import { openStore, type StoreConfig } from '../adapters/storage/openStore.ts'
import type { StoreConfiguration } from '../configuration/model.ts'
import { InputError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Registry } from '../registry/model.ts'
import { type Running, runRegistry } from '../registry/run.ts'
import { rpcOf } from './chain.ts'
import { type Home, inHome } from './home.ts'

/** A registry node at work in this process. */
export type OpenRegistry = {
  readonly registry: Registry
  readonly running: Running
  close(): Promise<void>
}

/** How a registry node is opened. */
export type RegistryOptions = {
  readonly store?: StoreConfiguration
  /** Base addresses by department address, beside those of the home's configuration. */
  readonly sources?: ReadonlyMap<string, string>
  /** Lets leaf files be fetched from this machine over plain http. */
  readonly isDevelopment?: boolean
  readonly clock?: Clock
  readonly stallMs?: number
}

/**
 * Opens a registry node of this home: its store, the chain followed into it, and the departments' services
 * as sources of leaf files. It does not listen; `services/` does.
 *
 * @throws {InputError} `configuration/missing`, `deployment/*`
 * @throws {OutsideError} `store/*`
 */
export async function openRegistry(
  home: Home,
  options: RegistryOptions = {},
): Promise<OpenRegistry> {
  const { isDevelopment = false, clock = () => new Date() } = options
  const deployment = await readDeployment(inHome(home, home.configuration.chain.deployment))
  const sources = sourcesOf(home, options.sources)
  const origins = [...new Set([...sources.values()].map((url) => new URL(url).origin))]
  const store = await openStore(storeOf(home, options.store))
  const rpc = await rpcOf(home)
  const http = openFetch({ origins, isDevelopment })
  const chain = new Mirror(rpc, deployment, { journal: store.journal })
  const { stallMs } = options
  const registry: Registry = {
    chain,
    leaves: store.leaves,
    fetch: http.fetch,
    sources,
    clock,
    ...(stallMs !== undefined && { stallMs }),
  }
  const running = runRegistry(registry)
  return {
    registry,
    running,
    async close() {
      await http.close()
      rpc.close()
      await store.close()
    },
  }
}

function sourcesOf({ configuration }: Home, given: RegistryOptions['sources']) {
  const known = Object.values(configuration.departments).flatMap(({ address, baseUrl }) =>
    address !== undefined && baseUrl !== undefined ? [[address, baseUrl] as const] : [],
  )
  const all = [...known, ...(given ?? [])]
  return new Map(all.map(([address, url]) => [address, url.replace(/\/$/, '')]))
}

function storeOf(home: Home, store: StoreConfiguration | undefined): StoreConfig {
  if (store === undefined) return { kind: 'sqlite', path: inHome(home, 'registry/store.sqlite') }
  if (store.kind === 'sqlite') return { kind: 'sqlite', path: inHome(home, store.path) }
  const url = process.env[store.urlFrom]
  if (!url) throw new InputError('configuration/missing', { variable: store.urlFrom })
  return { kind: 'postgres', url }
}
