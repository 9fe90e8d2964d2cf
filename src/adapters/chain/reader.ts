import type { Result } from 'ethers'
import { OutsideError } from '../../errors.ts'
import type { BlockRef, ChainIdentity } from '../../identity/model.ts'
import { type ContractName, interfaces } from './abi.ts'
import { hex } from './answers.ts'
import type { Rpc } from './rpc.ts'

/** Calls views of the contracts as they stand at one block; the same call is made once. */
export type Reader = (
  contract: ContractName,
  view: string,
  args: readonly unknown[],
) => Promise<Result>

/**
 * Reads at one block, named by its hash: if the block falls back, reads fail instead of mixing two chains.
 *
 * @throws {OutsideError} the reader does, `chain/bad-answer` and as `Rpc.call`.
 */
export function readerAt(rpc: Rpc, contracts: ChainIdentity['contracts'], block: BlockRef): Reader {
  const made = new Map<string, Promise<Result>>()
  const at = { blockHash: block.hash, requireCanonical: true }
  return (contract, view, args) => {
    const data = interfaces[contract].encodeFunctionData(view, args)
    const id = `${contract}${data}`
    const known = made.get(id)
    if (known !== undefined) return known
    const answer = rpc
      .call('eth_call', [{ to: contracts[contract], data }, at])
      .then((result) => decode(contract, view, result))
    made.set(id, answer)
    return answer
  }
}

function decode(contract: ContractName, view: string, result: unknown): Result {
  const bytes = hex(result, 'eth_call')
  try {
    return interfaces[contract].decodeFunctionResult(view, bytes)
  } catch (cause) {
    throw new OutsideError('chain/bad-answer', { method: 'eth_call', view, cause })
  }
}
