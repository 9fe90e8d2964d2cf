import type { OpenAccreditor } from '../wire/accreditor.ts'
import { openAccreditor } from '../wire/accreditor.ts'
import { type OpenChain, openChain, openForeignChain } from '../wire/chain.ts'
import { type Department, openDepartment } from '../wire/department.ts'
import { type Home, openHome } from '../wire/home.ts'
import { openVerifier } from '../wire/verifier.ts'
import { openWallet, type Wallet } from '../wire/wallet.ts'
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

/** Works with a chain that is known from its deployment file, or else with the home's. */
export async function withChainOf<T>(
  context: Context,
  options: { readonly deployment?: string; readonly rpc?: string },
  work: (chain: OpenChain) => Promise<T>,
): Promise<T> {
  if (options.deployment === undefined) return withChain(context, (_home, chain) => work(chain))
  const chain = await openForeignChain(options.deployment, options.rpc)
  try {
    return await work(chain)
  } finally {
    chain.close()
  }
}

/** Works with one department of the home. */
export async function withDepartment<T>(
  context: Context,
  name: string,
  work: (department: Department, home: Home, chain: OpenChain) => Promise<T>,
): Promise<T> {
  return withChain(context, async (home, chain) => {
    const department = await openDepartment(home, chain, name)
    try {
      return await work(department, home, chain)
    } finally {
      await department.close()
    }
  })
}

/** Works with one accreditor of the home. */
export async function withAccreditor<T>(
  context: Context,
  name: string,
  work: (accreditor: OpenAccreditor['accreditor'], home: Home, chain: OpenChain) => Promise<T>,
): Promise<T> {
  return withChain(context, async (home, chain) => {
    const { accreditor, close } = await openAccreditor(home, chain, name)
    try {
      return await work(accreditor, home, chain)
    } finally {
      await close()
    }
  })
}

/** Works with one wallet of the home; it is made on first use. */
export async function withWallet<T>(
  context: Context,
  name: string,
  work: (wallet: Wallet, home: Home, chain: OpenChain) => Promise<T>,
): Promise<T> {
  return withChain(context, async (home, chain) => {
    const wallet = await openWallet(home, chain, openVerifier(chain), name)
    try {
      return await work(wallet, home, chain)
    } finally {
      await wallet.close()
    }
  })
}
