import { openVerifier } from '../wire/verifier.ts'
import { openWallet, type Wallet } from '../wire/wallet.ts'
import type { Context } from './command.ts'
import { withChain } from './withChain.ts'

/** Works with one wallet of the home; it is made on first use. */
export async function withWallet<T>(
  context: Context,
  name: string,
  work: (wallet: Wallet) => Promise<T>,
): Promise<T> {
  return withChain(context, async (home, chain) => {
    const wallet = await openWallet(home, chain, openVerifier(chain), name)
    try {
      return await work(wallet)
    } finally {
      await wallet.close()
    }
  })
}
