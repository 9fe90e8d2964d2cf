import { existsSync } from 'node:fs'
import { openStore, type Store } from '../adapters/storage/openStore.ts'
import { isWeirError } from '../errors.ts'
import { leafReader } from '../issuer/proof.ts'
import type { LeafReader } from '../ports/chain.ts'
import { storeOf } from './department.ts'
import type { Home } from './home.ts'

/** Leaves of this home's own departments, and the stores behind them. */
export type HomeLeaves = { readonly leaves: LeafReader; close(): Promise<void> }

/**
 * Finds proofs in the stores of a home's departments, each opened when a certificate of it is asked for.
 * A store that another process works with, or that cannot be opened, answers nothing: the proof is then
 * as unknown as in a home that has no such department.
 */
export function homeLeaves(home: Home): HomeLeaves {
  const stores = new Map<string, Promise<Store | undefined>>()
  const readerOf = async (issuer: string): Promise<LeafReader | undefined> => {
    const store = stores.get(issuer) ?? openOf(home, issuer)
    stores.set(issuer, store)
    const opened = await store
    return opened && leafReader(opened)
  }
  return {
    leaves: {
      proof: async (issuer, fingerprint) => (await readerOf(issuer))?.proof(issuer, fingerprint),
      holdsUpTo: async (issuer, sequence) =>
        (await readerOf(issuer))?.holdsUpTo?.(issuer, sequence),
    },
    close: async () => {
      for (const store of stores.values()) await (await store)?.close()
    },
  }
}

async function openOf(home: Home, issuer: string): Promise<Store | undefined> {
  const { departments } = home.configuration
  const department = Object.values(departments).find(({ address }) => address === issuer)
  if (department === undefined) return undefined
  try {
    const config = storeOf(home, department)
    if (config.kind === 'sqlite' && !existsSync(config.path)) return undefined
    return await openStore(config)
  } catch (error) {
    if (!isWeirError(error)) throw error
    return undefined
  }
}
