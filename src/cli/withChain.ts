import type { LeafReader } from '../ports/chain.ts'
import { type OpenChain, openChain, openForeignChain } from '../wire/chain.ts'
import { type Home, openHome } from '../wire/home.ts'
import { homeLeaves } from '../wire/homeLeaves.ts'
import type { Context } from './command.ts'

/** Works with the home and its chain, and closes the chain whatever happens. */
export async function withChain<T>(
  { homePath }: Context,
  work: (home: Home, chain: OpenChain) => Promise<T>,
): Promise<T> {
  const home = await openHome(homePath)
  const chain = await openChain(home)
  try {
    return await work(home, chain)
  } finally {
    chain.close()
  }
}

/**
 * Works with a chain that is known from its deployment file, or else with the home's and the leaves of
 * the home's own departments; a registry node shows the proofs that these lack.
 */
export async function withChainOf<T>(
  context: Context,
  options: {
    readonly deployment?: string
    readonly rpc?: string
    readonly registry?: string | undefined
  },
  work: (chain: OpenChain, leaves?: LeafReader) => Promise<T>,
): Promise<T> {
  const { registry } = options
  if (registry !== undefined) {
    return withChainOf(context, { ...options, registry: undefined }, (chain, leaves) =>
      withRegistry(registry, chain, leaves, work),
    )
  }
  if (options.deployment === undefined) {
    return withChain(context, async (home, chain) => {
      const { leaves, close } = homeLeaves(home)
      try {
        return await work(chain, leaves)
      } finally {
        await close()
      }
    })
  }
  const chain = await openForeignChain(options.deployment, options.rpc)
  try {
    return await work(chain)
  } finally {
    chain.close()
  }
}

async function withRegistry<T>(
  url: string,
  chain: OpenChain,
  leaves: LeafReader | undefined,
  work: (chain: OpenChain, leaves?: LeafReader) => Promise<T>,
): Promise<T> {
  const { firstOf, openRegistryLeaves } = await import('../wire/registryLeaves.ts')
  const node = openRegistryLeaves(url, chain)
  try {
    return await work(chain, firstOf(leaves, node.leaves))
  } finally {
    await node.close()
  }
}
