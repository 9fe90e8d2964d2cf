import { InputError, OutsideError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'
import { blockAt } from './finality.ts'
import type { Rpc } from './rpc.ts'

/**
 * The last block at or before a moment, by bisection: about 20 reads for a million blocks.
 *
 * @param head a block after that moment.
 * @throws {InputError} `chain/before-genesis`
 * @throws {OutsideError} as `Rpc.call`
 */
export async function blockBefore(rpc: Rpc, at: Date, head: BlockRef): Promise<BlockRef> {
  let low = await required(rpc, 0)
  if (low.time > at) throw new InputError('chain/before-genesis')
  let high = head.number
  while (high - low.number > 1) {
    const middle = await required(rpc, Math.floor((low.number + high) / 2))
    if (middle.time <= at) low = middle
    else high = middle.number
  }
  const { number, hash, time } = low
  return { number, hash, time }
}

async function required(rpc: Rpc, number: number): Promise<BlockRef> {
  const block = await blockAt(rpc, number)
  if (block?.number !== number) throw new OutsideError('chain/inconsistent', { block: number })
  return block
}
