import { openFetch } from '../adapters/http/fetch.ts'
import { InputError } from '../errors.ts'
import type { LeafReader } from '../ports/chain.ts'
import { registryLeaves } from '../registry/client.ts'
import type { OpenChain } from './chain.ts'

/**
 * Leaves at a registry node that somebody names, and the connection to it.
 *
 * @throws {InputError} `fetch/bad-address`
 */
export function openRegistryLeaves(
  url: string,
  chain: OpenChain,
): { readonly leaves: LeafReader; close(): Promise<void> } {
  const address = URL.parse(url)
  if (address === null || !/^https?:$/.test(address.protocol) || address.search !== '') {
    throw new InputError('fetch/bad-address', { reason: 'registry' })
  }
  const { fetch, close } = openFetch({ origins: [address.origin] })
  const base = address.href.replace(/\/$/, '')
  return { leaves: registryLeaves({ fetch, url: base, chain: chain.cold }), close }
}

/** Asks one reader, and where it has no proof the other; only the first can say that it holds all. */
export function firstOf(first: LeafReader | undefined, second: LeafReader): LeafReader {
  return {
    proof: async (issuer, fingerprint) =>
      (await first?.proof(issuer, fingerprint)) ?? second.proof(issuer, fingerprint),
    holdsUpTo: async (issuer, sequence) => first?.holdsUpTo?.(issuer, sequence),
  }
}
