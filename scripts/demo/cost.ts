import type { District } from './district.ts'

/** What all batches put on the chain. */
export type Cost = { readonly batches: number; readonly gas: number; readonly bytes: number }

/** Reads it from the chain, as anybody can: every transaction that AnchorRegistry logged. */
export async function costOf({ chain }: District): Promise<Cost> {
  const { rpc, deployment } = chain
  const filter = {
    address: deployment.identity.contracts.anchorRegistry,
    fromBlock: `0x${deployment.startBlock.toString(16)}`,
    toBlock: 'finalized',
  }
  const logs = (await rpc.call('eth_getLogs', [filter])) as { transactionHash: string }[]
  const cost = { batches: 0, gas: 0, bytes: 0 }
  for (const hash of new Set(logs.map(({ transactionHash }) => transactionHash))) {
    const [receipt, transaction] = (await Promise.all([
      rpc.call('eth_getTransactionReceipt', [hash]),
      rpc.call('eth_getTransactionByHash', [hash]),
    ])) as [{ gasUsed: string }, { input: string }]
    cost.batches += 1
    cost.gas += Number(receipt.gasUsed)
    cost.bytes += (transaction.input.length - 2) / 2
  }
  return cost
}
