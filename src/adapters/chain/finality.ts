import type { BlockRef } from '../../identity/model.ts'
import { block, toQuantity } from './answers.ts'
import type { Rpc } from './rpc.ts'

/**
 * When a block cannot fall back any more: the node says it (`finalized`; our local chain, Hardhat,
 * and chains that finalise), or enough blocks stand on it (0 where the first one settles it, as in QBFT).
 */
export type Finality =
  | { readonly kind: 'tag'; readonly tag: 'finalized' }
  | { readonly kind: 'depth'; readonly blocks: number }

/** A block with what links it to the one before. */
export type Block = BlockRef & { readonly parentHash: string }

const method = 'eth_getBlockByNumber'

/** The last final block. @throws {OutsideError} as `Rpc.call` */
export async function finalBlock(rpc: Rpc, finality: Finality): Promise<Block> {
  if (finality.kind === 'tag') return block(await rpc.call(method, [finality.tag, false]), method)
  const newest = await newestBlock(rpc)
  if (finality.blocks === 0) return newest
  const number = Math.max(0, newest.number - finality.blocks)
  return block(await rpc.call(method, [toQuantity(number), false]), method)
}

/** The newest block, which may still fall back. @throws {OutsideError} as `Rpc.call` */
export async function newestBlock(rpc: Rpc): Promise<Block> {
  return block(await rpc.call(method, ['latest', false]), method)
}

/** The block of a number; undefined: the node has none. @throws {OutsideError} as `Rpc.call` */
export async function blockAt(rpc: Rpc, number: number): Promise<Block | undefined> {
  const answer = await rpc.call(method, [toQuantity(number), false])
  return answer === null ? undefined : block(answer, method)
}
