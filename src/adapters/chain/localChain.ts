import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { OutsideError, TrustError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'
import { array, block, hex, object, quantity } from './answers.ts'
import { type Anvil, startAnvil } from './anvil.ts'
import { Gate } from './gate.ts'
import { Rpc } from './rpc.ts'
import { type Genesis, loadState, saveState } from './stateFile.ts'
import type { SupervisorOptions } from './supervisor.ts'

/** anvil, its clock and its dumps; see `supervise`, which adds the lock and the door. */
export class LocalChain {
  readonly #binary: string
  readonly #options: SupervisorOptions
  #anvil: Anvil | undefined
  #reader: Rpc | undefined
  #genesis: Genesis | undefined
  #final: BlockRef | undefined
  #head: BlockRef | undefined
  readonly #gate = new Gate()
  #woken = false
  #stopping = false
  #wakeUp: () => void = () => {}
  #minedAt = 0
  #dumpedAt = 0
  #dumpTook = 0
  #waiting: ((final: BlockRef) => void)[] = []
  #loop: Promise<void> = Promise.resolve()

  constructor(binary: string, options: SupervisorOptions) {
    this.#binary = binary
    this.#options = options
  }

  /** Starts anvil from the newest whole dump, or a new chain, whose genesis is dumped at once. */
  async open(): Promise<void> {
    const { directory, chainId } = this.#options
    const loaded = await loadState(directory)
    if (loaded !== undefined && loaded.damaged.length > 0) {
      this.#notice({ kind: 'state-damaged', files: loaded.damaged })
    }
    const genesis = loaded?.state.genesis ?? newGenesis(chainId)
    if (genesis.chainId !== chainId) {
      throw new TrustError('chain/wrong-chain', { expected: chainId, found: genesis.chainId })
    }
    const anvil = await startAnvil(this.#binary, directory, genesis, loaded?.state)
    this.#genesis = genesis
    this.#anvil = anvil
    // Nothing else would wake an idle chain: with anvil gone no transaction comes in either.
    anvil.exited.then(() => {
      if (this.#anvil === anvil && !this.#stopping) this.wake()
    })
    this.#reader = new Rpc(anvil.rpc.url.href, { maxBytes: 256 * 1024 * 1024 })
    try {
      this.#head = await this.#latest(anvil)
      if (loaded === undefined) await this.#dump(anvil)
      else if (loaded.state.hash !== this.#head.hash) throw new OutsideError('chain/start-failed')
    } catch (error) {
      await anvil.stop()
      throw error
    }
    this.#final = this.#head
    this.#minedAt = Date.now()
  }

  /**
   * Asks the node, never while a block is being made.
   *
   * @throws {OutsideError} `chain/unreachable` while it restarts, and as `Rpc.call`.
   */
  ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#gate.read(async () => {
      if (this.#reader === undefined) throw new OutsideError('chain/unreachable')
      return this.#reader.call(method, params)
    })
  }

  final(): BlockRef {
    return this.#final!
  }

  inner(): { url: string; pid: number } | undefined {
    return this.#anvil && { url: this.#anvil.rpc.url.href, pid: this.#anvil.pid }
  }

  /** There is something to mine. */
  wake(): void {
    this.#woken = true
    this.#wakeUp()
  }

  settle(): Promise<BlockRef> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.wake()
    })
  }

  /** Mines and dumps until `stop`. */
  run(): void {
    this.#loop = this.#work()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wakeUp()
    await this.#loop
    const anvil = this.#anvil
    if (anvil === undefined) return
    try {
      if (this.#woken) await this.#mine(anvil)
      if (this.#head!.number > this.final().number) await this.#dump(anvil)
    } catch (error) {
      this.#notice({ kind: 'failed', error })
    }
    this.#reader?.close()
    await anvil.stop()
  }

  async #work(): Promise<void> {
    for (;;) {
      const busy = this.#woken || this.#head!.number > this.final().number
      const rest = busy ? this.#options.blockTime : this.#options.heartbeat
      await this.#rest(this.#minedAt + 1000 * rest - Date.now(), busy)
      if (this.#stopping) return
      if (!busy && this.#woken) continue
      try {
        await this.#round()
      } catch (error) {
        this.#notice({ kind: 'failed', error })
        await this.#recover()
      }
    }
  }

  async #round(): Promise<void> {
    const anvil = this.#anvil
    if (anvil === undefined) throw new OutsideError('chain/unreachable')
    const served = this.#waiting.length
    this.#woken = false
    await this.#mine(anvil)
    // A dump takes longer as the chain grows; under load blocks share one, so that mining keeps its pace.
    const due = Date.now() - this.#dumpedAt >= 3 * this.#dumpTook
    if (this.#woken && !due && served === 0) return
    await this.#dump(anvil)
    for (const resolve of this.#waiting.splice(0, served)) resolve(this.final())
  }

  async #mine(anvil: Anvil): Promise<void> {
    const last = this.#head!.time.getTime() / 1000
    const seconds = Math.max(Math.floor(Date.now() / 1000), last + 1)
    await this.#gate.change(async () => {
      await anvil.rpc.call('evm_setNextBlockTimestamp', [seconds])
      await anvil.rpc.call('evm_mine', [])
    })
    this.#minedAt = Date.now()
    this.#head = await this.#latest(anvil)
  }

  async #latest(anvil: Anvil): Promise<BlockRef> {
    const method = 'eth_getBlockByNumber'
    const [answer, pool] = await Promise.all([
      anvil.rpc.call(method, ['latest', false]),
      anvil.rpc.call('txpool_status', []),
    ])
    const waiting = quantity(object(pool, 'txpool_status').pending, 'txpool_status')
    // What did not fit into a block that took something goes into the next one.
    const taken = array(object(answer, method).transactions, method, 1_000_000).length
    if (waiting > 0 && taken > 0) this.#woken = true
    const { number, hash, time } = block(answer, method)
    return { number, hash, time }
  }

  async #dump(anvil: Anvil): Promise<void> {
    const head = this.#head!
    const started = Date.now()
    const answer = hex(await anvil.rpc.call('anvil_dumpState', []), 'anvil_dumpState')
    await saveState(this.#options.directory, {
      genesis: this.#genesis!,
      number: head.number,
      hash: head.hash,
      timestamp: head.time.getTime() / 1000,
      dump: Buffer.from(answer.slice(2), 'hex'),
    })
    this.#dumpedAt = Date.now()
    this.#dumpTook = this.#dumpedAt - started
    this.#final = head
  }

  /** After a failed round: anvil is started again if it died, otherwise the round is tried again. */
  async #recover(): Promise<void> {
    this.#woken = true
    const anvil = this.#anvil
    const gone =
      anvil === undefined || (await Promise.race([anvil.exited.then(() => true), pause(50)]))
    if (gone) {
      this.#reader?.close()
      this.#reader = undefined
      this.#anvil = undefined
      await anvil?.stop()
      try {
        await this.open()
        this.#notice({ kind: 'restarted', block: this.final().number })
      } catch (error) {
        this.#notice({ kind: 'failed', error })
      }
    }
    await this.#rest(500, true)
  }

  /** Resolves after `milliseconds`, or at once when stopping, or when woken if that was not known. */
  async #rest(milliseconds: number, busy: boolean): Promise<void> {
    if (milliseconds <= 0 || this.#stopping) return
    const ended = new AbortController()
    this.#wakeUp = () => {
      if (this.#stopping || !busy || this.#waiting.length > 0) ended.abort()
    }
    await pause(milliseconds, undefined, { signal: ended.signal }).catch(() => {})
    this.#wakeUp = () => {}
  }

  #notice(notice: Parameters<NonNullable<SupervisorOptions['onNotice']>>[0]): void {
    this.#options.onNotice?.(notice)
  }
}

function newGenesis(chainId: number): Genesis {
  const timestamp = Math.floor(Date.now() / 1000)
  return { chainId, timestamp, gasLimit: 1_000_000_000 + randomInt(2 ** 30) }
}
