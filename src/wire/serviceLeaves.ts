import { isWeirError } from '../errors.ts'
import { leafReader } from '../issuer/proof.ts'
import type { Chain, LeafReader } from '../ports/chain.ts'
import type { Fetch } from '../ports/fetch.ts'
import { registryLeaves } from '../registry/client.ts'
import type { Department } from './department.ts'
import type { Home } from './home.ts'

/**
 * Where a service finds inclusion proofs that nobody hands over: its own store for what it issued, the
 * installation's registry node for the rest. A node that does not answer leaves a proof unknown.
 */
export function serviceLeaves(
  home: Home,
  { address, store }: Pick<Department, 'address' | 'store'>,
  chain: Chain,
  fetch: Fetch,
): LeafReader {
  const own = leafReader(store)
  const url = home.configuration.registry?.baseUrl?.replace(/\/$/, '')
  const others = url === undefined ? undefined : registryLeaves({ fetch, url, chain })
  return {
    async proof(issuer, fingerprint) {
      if (issuer === address) return own.proof(issuer, fingerprint)
      try {
        return await others?.proof(issuer, fingerprint)
      } catch (error) {
        if (isWeirError(error)) return undefined
        throw error
      }
    },
  }
}
