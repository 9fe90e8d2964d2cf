import { mkdir } from 'node:fs/promises'
import type { BlockRef } from '../../identity/model.ts'
import { openFront } from './front.ts'
import { LocalChain } from './localChain.ts'
import { lockDirectory } from './lock.ts'

/** How the local chain runs. */
export type SupervisorOptions = {
  /** Where its dumps lie; one chain, one directory. */
  readonly directory: string
  /** The chain's own id, never 1337 or 31337. */
  readonly chainId: number
  /** Port of the door on loopback, 0 for any free one. */
  readonly port: number
  /** Seconds between blocks while there are transactions; may be a fraction, then block times run ahead. */
  readonly blockTime: number
  /** Seconds after which an idle chain mines an empty block, so that its head is never older. */
  readonly heartbeat: number
  /** Told of what an operator should know: codes and counts only. */
  readonly onNotice?: (notice: Notice) => void
}

/** Something an operator should know. */
export type Notice =
  | { readonly kind: 'state-damaged'; readonly files: readonly string[] }
  | { readonly kind: 'restarted'; readonly block: number }
  | { readonly kind: 'failed'; readonly error: unknown }

/** A local chain under supervision. */
export type Supervised = {
  /** Where its JSON-RPC answers; the only door that others may use. */
  readonly url: string
  /** The last block in a synced dump; never falls back while this runs. */
  final(): BlockRef
  /** Mines what waits and resolves once it is final. */
  settle(): Promise<BlockRef>
  /** anvil's own door and process, for tests that break it. */
  inner(): { readonly url: string; readonly pid: number } | undefined
  /** Mines what waits, dumps, ends anvil and gives the directory free. */
  stop(): Promise<void>
}

/**
 * Starts or continues the local chain of a directory. anvil mines only when told: a block time
 * after a transaction came, or after an idle heartbeat; then its whole state is dumped, synced and
 * renamed into place, and only then is the block final. If anvil dies it is started again from the
 * last dump, which to everybody else is a reorganisation that leaves final blocks alone.
 *
 * @param binary anvil's path.
 * @throws {InputError} `chain/locked`, `chain/port-taken`
 * @throws {OutsideError} `chain/state-damaged`, `chain/start-failed`
 * @throws {TrustError} `chain/wrong-chain` if the directory holds a chain with another id.
 */
export async function supervise(binary: string, options: SupervisorOptions): Promise<Supervised> {
  const { directory } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const lock = await lockDirectory(directory)
  const chain = new LocalChain(binary, options)
  await chain.open().catch(async (error) => {
    await lock.release()
    throw error
  })
  const front = await openFront(options.port, {
    ask: (method, params) => chain.ask(method, params),
    finalNumber: () => chain.final().number,
    onTransaction: () => chain.wake(),
  }).catch(async (error) => {
    await chain.stop()
    await lock.release()
    throw error
  })
  const address = front.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  chain.run()
  return {
    url: `http://127.0.0.1:${port}`,
    final: () => chain.final(),
    settle: () => chain.settle(),
    inner: () => chain.inner(),
    async stop() {
      front.closeAllConnections()
      await new Promise((done) => front.close(done))
      await chain.stop()
      await lock.release()
    },
  }
}
