import { setTimeout as pause } from 'node:timers/promises'
import { OutsideError } from '../../errors.ts'
import type { SignedTransaction } from '../../ports/chainWriters.ts'
import { object, quantity, toQuantity } from './answers.ts'
import { type Finality, finalBlock } from './finality.ts'
import { type Rpc, RpcRefusal } from './rpc.ts'

/** Milliseconds to wait for a final block, and between looking. */
export type Patience = { readonly timeoutMs?: number; readonly everyMs?: number }

/** Words by which nodes say that they have the transaction, or that its nonce is spent: nothing new for us. */
const known =
  /already known|known transaction|already imported|nonce too low|nonce.*lower|replacement|underpriced/i

/**
 * Sends signed bytes. A node that has them already, or has mined them, is content.
 *
 * @throws {OutsideError} `chain/unreachable` and the like: it may or may not have arrived;
 *   {@link RpcRefusal} where the node does not take them.
 */
export async function sendRaw(rpc: Rpc, { raw }: SignedTransaction): Promise<void> {
  try {
    await rpc.call('eth_sendRawTransaction', [raw])
  } catch (error) {
    if (!(error instanceof RpcRefusal) || !known.test(error.reason)) throw error
  }
}

/** The account's next nonce at the newest block, or at `block`. @throws {OutsideError} as `Rpc.call` */
export async function nonceOf(rpc: Rpc, address: string, block?: number): Promise<number> {
  const tag = block === undefined ? 'latest' : toQuantity(block)
  const method = 'eth_getTransactionCount'
  return quantity(await rpc.call(method, [address, tag]), method)
}

/**
 * Sends, and sends again, until the account's nonce at a final block has passed the transaction's. What
 * the transaction did is for the caller to read there.
 *
 * @returns number of that block.
 * @throws {OutsideError} `chain/not-final-yet` after the time given (60 s unless told): it may still happen.
 */
export async function sendUntilFinal(
  rpc: Rpc,
  finality: Finality,
  address: string,
  transaction: SignedTransaction,
  { timeoutMs = 60_000, everyMs = 50 }: Patience = {},
): Promise<number> {
  const deadline = Date.now() + timeoutMs
  let sentAt = 0
  for (;;) {
    try {
      if (Date.now() - sentAt > 2000) {
        await sendRaw(rpc, transaction)
        sentAt = Date.now()
      }
      const { number } = await finalBlock(rpc, finality)
      const isSpent = (await nonceOf(rpc, address, number)) > transaction.nonce
      if (isSpent && !(await isAbove(rpc, number, transaction))) return number
    } catch (error) {
      if (error instanceof RpcRefusal || !(error instanceof OutsideError)) throw error
      if (Date.now() > deadline) throw error
    }
    if (Date.now() > deadline)
      throw new OutsideError('chain/not-final-yet', { hash: transaction.hash })
    await pause(everyMs)
  }
}

/** A node may count a transaction of a newer block already; its receipt says where it stands. */
async function isAbove(rpc: Rpc, number: number, { hash }: SignedTransaction): Promise<boolean> {
  const method = 'eth_getTransactionReceipt'
  const receipt = await rpc.call(method, [hash])
  // Without one, the nonce went to another transaction.
  return receipt !== null && quantity(object(receipt, method).blockNumber, method) > number
}
