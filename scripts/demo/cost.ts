import type { District } from './district.ts'

/** What the batches of all departments put on the chain. */
export type Cost = {
  readonly batches: number
  readonly leaves: number
  readonly gas: number
  readonly bytes: number
}

/** Reads it from the chain: every anchoring transaction's receipt and size. */
export async function costOf({ chain, departments }: District): Promise<Cost> {
  const { rpc, mirror } = chain
  const view = await mirror.view()
  const cost = { batches: 0, leaves: 0, gas: 0, bytes: 0 }
  for (const { address, store } of departments.values()) {
    const { sequence } = await view.lastAnchor(address)
    for (let number = 1; number <= sequence; number += 1) {
      const batch = await store.outbox.batch(address, number)
      if (batch?.transaction === undefined) continue
      const receipt = (await rpc.call('eth_getTransactionReceipt', [batch.transaction.hash])) as {
        gasUsed: string
      } | null
      if (receipt === null) continue
      cost.batches += 1
      cost.leaves += (await store.queue.members(address, number)).length
      cost.gas += Number(receipt.gasUsed)
      cost.bytes += (batch.transaction.raw.length - 2) / 2
    }
  }
  return cost
}
