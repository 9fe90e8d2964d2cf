/** The local chain under its supervisor in a process of its own, which the harness kills and breaks. */
import { setTimeout as pause } from 'node:timers/promises'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'
import { Rpc } from '../../src/adapters/chain/rpc.ts'
import { supervise } from '../../src/adapters/chain/supervisor.ts'

/** What the harness may do to the chain. */
export type ChainOrder =
  /** Ends anvil as a power cut would. */
  | 'kill'
  /** Waits for a block that no dump holds yet, then ends anvil: the block is gone, a reorganisation. */
  | 'reorganise'
  /** Throws waiting transactions out of the pool for a while. */
  | 'drop'
  | 'stop'

/** Milliseconds for which dropping goes on, and for which such a block is awaited. */
const dropMs = 150
const reorganiseMs = 1000

const [directory = '', port = '0', chainId = ''] = process.argv.slice(2)
const node = await supervise(anvilBinary()!, {
  directory,
  chainId: Number(chainId),
  port: Number(port),
  blockTime: 0.05,
  heartbeat: 600,
})

const orders: Record<ChainOrder, () => Promise<void>> = {
  async kill() {
    try {
      const inner = node.inner()
      if (inner !== undefined) process.kill(inner.pid, 'SIGKILL')
    } catch {
      // It is dead already.
    }
  },
  async reorganise() {
    await withInner(async (rpc) => {
      for (const end = Date.now() + reorganiseMs; Date.now() < end; ) {
        if (Number(await rpc.call('eth_blockNumber', [])) > node.final().number) break
      }
    })
    await orders.kill()
  },
  drop: () =>
    withInner(async (rpc) => {
      for (const end = Date.now() + dropMs; Date.now() < end; await pause(2)) {
        const { pending } = (await rpc.call('txpool_content', [])) as Pool
        const sent = Object.values(pending).flatMap((byNonce) => Object.values(byNonce))
        for (const { hash } of sent) await rpc.call('anvil_dropTransaction', [hash])
      }
    }),
  async stop() {
    await node.stop()
    process.exit(0)
  },
}
type Pool = { pending: Record<string, Record<string, { hash: string }>> }

async function withInner(work: (rpc: Rpc) => Promise<unknown>): Promise<void> {
  const inner = node.inner()
  if (inner === undefined) return
  const rpc = new Rpc(inner.url)
  try {
    await work(rpc)
  } catch {
    // anvil may be starting again just now; the next order finds it.
  } finally {
    rpc.close()
  }
}

process.on('message', (order: ChainOrder) => void orders[order]())
process.on('disconnect', () => void orders.stop())
process.send?.({ url: node.url })
