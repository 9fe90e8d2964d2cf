import type { StateProof, StorageSlot } from '../../anchor/model.ts'
import { statusSlot } from '../../anchor/slots.ts'
import { isWeirError, OutsideError } from '../../errors.ts'
import type { Erc1056Event } from '../../identity/erc1056.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { Erc1056Source } from '../../identity/resolver.ts'
import type { Chain, ChainView } from '../../ports/chain.ts'
import type { ChainJournal, ChainPast, FollowedChain } from '../../ports/mirror.ts'
import { hex, toQuantity } from './answers.ts'
import { blockBefore } from './blockBefore.ts'
import { checkIdentity, checkNetwork } from './check.ts'
import { type Difference, differences } from './compare.ts'
import type { Deployment } from './deployment.ts'
import { blockAt, finalBlock } from './finality.ts'
import { emptyFold, fold, unfold } from './fold.ts'
import { readEvents } from './mirrorEvents.ts'
import type { MirrorEntry } from './mirrorFile.ts'
import { type MirrorNotes, notesInFile, notesInStore } from './mirrorNotes.ts'
import { pastOf } from './past.ts'
import { prove } from './prove.ts'
import { readerAt } from './reader.ts'
import type { Rpc } from './rpc.ts'
import { warmView } from './warmView.ts'

/** How a mirror is kept. */
export type MirrorOptions = {
  /** Where its copy of the events lies, so that a restart reads only what is new; without it, in memory. */
  readonly path?: string
  /** A store that keeps them instead. */
  readonly journal?: ChainJournal
  /** Milliseconds for which what was read last is new enough; default 500. */
  readonly freshMs?: number
}

const rangeBlocks = 5000
/** Blocks without events after which the file notes how far we are. */
const noteEvery = 1000

/**
 * The chain of a deployment file, kept in this process as a fold over the contracts' events up to the last
 * final block. Reading costs no round trip while it is fresh. If the chain falls back behind what was
 * final, the mirror goes back with it to the last block that still stands, and counts it.
 */
export class Mirror implements Chain, FollowedChain {
  readonly identity: Deployment['identity']
  readonly #rpc: Rpc
  readonly #deployment: Deployment
  readonly #notes: MirrorNotes | undefined
  readonly #freshMs: number
  readonly #fold = emptyFold()
  readonly #past = new Map<number, BlockRef>()
  #heads: BlockRef[] = []
  #noted = -1
  #isOpen = false
  #isChecked = false
  #syncing: Promise<void> | undefined
  #syncedAt = 0
  #reorganisations = 0

  constructor(
    rpc: Rpc,
    deployment: Deployment,
    { path, journal, freshMs = 500 }: MirrorOptions = {},
  ) {
    this.identity = deployment.identity
    this.#rpc = rpc
    this.#deployment = deployment
    if (path !== undefined) this.#notes = notesInFile(path, this.identity)
    if (journal !== undefined) this.#notes = notesInStore(journal, this.identity)
    this.#freshMs = freshMs
  }

  /** How often final blocks fell back since this mirror was opened; anything but 0 is for the operator. */
  get reorganisations(): number {
    return this.#reorganisations
  }

  async view(at?: Date): Promise<ChainView> {
    await this.#fresh()
    const head = this.#fold.head!
    if (at === undefined || at >= head.time) return warmView(this.#fold, head)
    return warmView(this.#fold, await this.#blockBefore(at, head))
  }

  async prove(slots: readonly StorageSlot[]): Promise<StateProof> {
    await this.#fresh()
    return prove(this.#rpc, this.#fold.head!, slots)
  }

  /**
   * Reads what became final since, at most once at a time.
   *
   * @throws {OutsideError} `chain/behind` if the node knows less than the mirror, `chain/inconsistent`
   *   if its events do not fit together, and as `Rpc.call`. What was read before stays.
   * @throws {TrustError} `chain/wrong-chain`, `chain/wrong-code`
   */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  /** ERC-1056 events about an address, up to the last final block; see `Erc1056Source`. */
  async history(
    address: string,
  ): Promise<{ readonly head: BlockRef; readonly events: readonly Erc1056Event[] }> {
    await this.#fresh()
    return { head: this.#fold.head!, events: this.#fold.dids.get(address)?.slice() ?? [] }
  }

  /** Time of a final block; undefined if there is none of this number yet. */
  async blockTime(number: number): Promise<Date | undefined> {
    await this.#fresh()
    if (number > this.#fold.head!.number) return undefined
    return (await blockAt(this.#rpc, number))?.time
  }

  /** Every status a word had, oldest first; times are those of final blocks. */
  async statusHistory(issuer: string, list: number, word: number) {
    await this.#fresh()
    return this.#fold.words.get(`${issuer}/${list}/${word}`)?.slice() ?? []
  }

  /** Everything that the contracts' storage says otherwise than their events, read at the mirror's head. */
  async compare(): Promise<Difference[]> {
    await this.sync()
    const head = this.#fold.head!
    const read = readerAt(this.#rpc, this.identity.contracts, head)
    return differences(this.#fold, read, async (name) => {
      const [issuer, list, word] = name.split('/') as [string, string, string]
      const slot = statusSlot(issuer, Number(list), Number(word))
      const args = [this.identity.contracts.statusRegistry, slot, toQuantity(head.number)]
      // Ten times faster than a call of the contract, on anvil.
      return BigInt(hex(await this.#rpc.call('eth_getStorageAt', args), 'eth_getStorageAt', 32))
    })
  }

  async open(): Promise<void> {
    if (!this.#isOpen) await this.#open()
    this.#isOpen = true
  }

  past(): ChainPast | undefined {
    const { head } = this.#fold
    return head && pastOf(this.#fold, head)
  }

  /** What was read so far of a DID; only the time of a block that it does not know is asked for. */
  get dids(): Erc1056Source {
    return {
      history: async (address) => {
        const { head, dids } = this.#fold
        if (head === undefined) throw new OutsideError('chain/behind', { seen: 0 })
        return { head, events: dids.get(address)?.slice() ?? [] }
      },
      blockTime: async (number) => {
        const { head } = this.#fold
        if (head === undefined || number > head.number) return undefined
        if (number === head.number) return head.time
        return (await blockAt(this.#rpc, number))?.time
      },
    }
  }

  async #fresh(): Promise<void> {
    if (Date.now() - this.#syncedAt > this.#freshMs) await this.sync()
  }

  async #sync(): Promise<void> {
    const rpc = this.#rpc
    await this.open()
    const started = Date.now()
    const check = this.#isChecked ? checkNetwork : checkIdentity
    const [final] = await Promise.all([
      finalBlock(rpc, this.#deployment.finality),
      check(rpc, this.identity),
    ])
    this.#isChecked = true
    await this.#stand(final)
    const first = this.#fold.head === undefined ? this.#deployment.startBlock : this.#next()
    await this.#advance(Math.min(first, final.number), final)
    this.#syncedAt = started
  }

  #next(): number {
    return this.#fold.head!.number + 1
  }

  /** Goes back to the newest head of ours that the chain still has. */
  async #stand(final: BlockRef): Promise<void> {
    const head = this.#fold.head
    if (head === undefined || (head.number === final.number && head.hash === final.hash)) return
    if (head.number > final.number) {
      throw new OutsideError('chain/behind', { seen: head.number, now: final.number })
    }
    const heads = [...this.#heads]
    let last = heads.at(-1)
    while (last !== undefined) {
      const now = last.number === final.number ? final : await blockAt(this.#rpc, last.number)
      if (now?.hash === last.hash) break
      heads.pop()
      last = heads.at(-1)
    }
    if (heads.length === this.#heads.length) return
    // Noted first: a note that fails leaves everything as it was.
    if (last !== undefined) await this.#note({ head: last, events: [], isBack: true })
    this.#reorganisations += 1
    this.#heads = heads
    this.#past.clear()
    if (last === undefined) return this.#restart()
    unfold(this.#fold, last)
  }

  async #advance(from: number, final: BlockRef): Promise<void> {
    if (this.#fold.head?.number === final.number) return
    const { contracts } = this.identity
    for (let start = from; start <= final.number; ) {
      let to = Math.min(final.number, start + rangeBlocks - 1)
      const read = await this.#narrowing(start, to, async (end) => {
        to = end
        return readEvents(this.#rpc, contracts, { from: start, to: end, after: this.#fold.head })
      })
      if (to === final.number && read.head.hash !== final.hash) {
        throw new OutsideError('chain/inconsistent', { block: to })
      }
      const before = this.#fold.head
      fold(this.#fold, read.events, read.head)
      try {
        await this.#note({ ...read, isBack: false })
      } catch (error) {
        // What is not noted would be missing after a restart: it is read again.
        unfold(this.#fold, before)
        throw error
      }
      this.#heads.push(read.head)
      start = to + 1
    }
  }

  /** A node may refuse or choke on a long range: half of it is asked for instead. */
  async #narrowing<T>(from: number, to: number, read: (to: number) => Promise<T>): Promise<T> {
    for (let end = to; ; end = from + Math.floor((end - from) / 2)) {
      try {
        return await read(end)
      } catch (error) {
        const tooMuch =
          isWeirError(error) && ['chain/too-large', 'chain/refused'].includes(error.code)
        if (!tooMuch || end === from) throw error
      }
    }
  }

  async #blockBefore(at: Date, head: BlockRef): Promise<BlockRef> {
    const seconds = Math.floor(at.getTime() / 1000)
    const known = this.#past.get(seconds)
    if (known !== undefined) return known
    const found = await blockBefore(this.#rpc, at, head)
    if (this.#past.size > 10_000) this.#past.clear()
    this.#past.set(seconds, found)
    return found
  }

  async #open(): Promise<void> {
    if (this.#notes === undefined) return
    const entries = await this.#notes.read()
    try {
      for (const entry of entries) this.#replay(entry)
    } catch {
      // Whole lines that do not fit together: the chain itself is read again.
      await this.#restart()
    }
  }

  #replay({ head, events, isBack }: MirrorEntry): void {
    if (isBack) {
      unfold(this.#fold, head)
      this.#heads = this.#heads.filter(({ number }) => number <= head.number)
    } else {
      fold(this.#fold, events, head)
      this.#heads.push(head)
    }
    this.#noted = head.number
  }

  async #restart(): Promise<void> {
    unfold(this.#fold, undefined)
    this.#heads = []
    this.#noted = -1
    await this.#notes?.start()
  }

  async #note(entry: MirrorEntry): Promise<void> {
    const isNews = entry.isBack || entry.events.length > 0
    if (this.#notes === undefined) return
    if (!(isNews || entry.head.number >= this.#noted + noteEvery)) return
    await this.#notes.append(entry)
    this.#noted = entry.head.number
  }
}
