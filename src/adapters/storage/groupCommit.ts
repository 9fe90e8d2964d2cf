import { type Kysely, sql } from 'kysely'
import { OutsideError } from '../../errors.ts'
import type { Turn, Tx } from './backend.ts'
import type { Tables } from './schema.ts'
import { isConflict, storeError } from './storeErrors.ts'

type Work = {
  run: (tx: Tx) => Promise<unknown>
  /** Undefined: nobody else may write meanwhile. */
  turns: readonly Turn[] | undefined
  attempts: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** How one database begins a transaction. */
export type Writer = {
  readonly db: Kysely<Tables>
  /** @param turns what other processes must not do meanwhile, in ascending order; undefined: write at all. */
  begin(connection: Kysely<Tables>, turns: readonly Turn[] | undefined): Promise<void>
  insert(connection: Kysely<Tables>, ...row: Parameters<Tx['insert']>): Promise<void>
  /** After each commit: moves synced rows to their place; with `isForgetting`, leaves no old copy. */
  settle?(connection: Kysely<Tables>, isForgetting: boolean): Promise<void>
}

/** Works that share one transaction; more wait for the next, so that no answer waits for long. */
const groupSize = 64
const maxAttempts = 5

/**
 * Writes in groups: whatever is asked while a transaction runs shares the next one and its fsync.
 *
 * After `store/io` or `store/corrupt` nothing is written any more: the kernel may have dropped the pages of
 * a failed fsync, and a second fsync would then wrongly succeed. Open the store anew.
 */
export class GroupCommit {
  readonly #writer: Writer
  #queue: Work[] = []
  #running: Promise<void> | undefined
  #failed: Error | undefined

  constructor(writer: Writer) {
    this.#writer = writer
  }

  /** Resolves with what `run` returned once its transaction is synced. */
  write<T>(run: (tx: Tx) => Promise<T>, turns?: readonly Turn[]): Promise<T> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed)
    return new Promise<T>((resolve, reject) => {
      const answer = { resolve: resolve as Work['resolve'], reject }
      this.#queue.push({ run, turns, attempts: 0, ...answer })
      this.#running ??= this.#drain()
    })
  }

  /**
   * Finishes what was asked and refuses more.
   *
   * @returns whether all of it could be written.
   */
  async close(): Promise<boolean> {
    while (this.#running !== undefined) await this.#running
    const isWhole = this.#failed === undefined
    this.#failed ??= new OutsideError('store/unavailable', { reason: 'closed' })
    return isWhole
  }

  async #drain(): Promise<void> {
    for (;;) {
      // Lets all that is ready now ask too, and timers and sockets have their turn.
      await new Promise(setImmediate)
      if (this.#queue.length === 0) break
      const group = this.#queue.splice(0, groupSize)
      try {
        await this.#commit(group)
      } catch (error) {
        const failure = storeError(error)
        for (const work of group) work.reject(failure)
        if (isFatal(failure)) this.#stop(failure)
      }
    }
    this.#running = undefined
  }

  async #commit(group: Work[]): Promise<void> {
    const done: (() => void)[] = []
    await this.#writer.db.connection().execute(async (db) => {
      const isForgetting = await this.#transaction(db, group, done)
      // What is committed is synced: it is acknowledged even if settling fails and ends all writing.
      try {
        await this.#writer.settle?.(db, isForgetting)
      } finally {
        for (const answer of done) answer()
      }
    })
  }

  async #transaction(
    db: Kysely<Tables>,
    group: readonly Work[],
    done: (() => void)[],
  ): Promise<boolean> {
    let isForgetting = false
    const tx: Tx = {
      db,
      insert: (table, rows) => this.#writer.insert(db, table, rows),
      forget: () => {
        isForgetting = true
      },
    }
    await this.#writer.begin(db, turnsOf(group))
    try {
      for (const work of group) await this.#run(work, tx, done)
      await sql`commit`.execute(db)
    } catch (error) {
      await sql`rollback`.execute(db).catch(() => undefined)
      throw error
    }
    return isForgetting
  }

  /** One work in its savepoint: refused alone, unless the whole transaction is beyond saving. */
  async #run(work: Work, tx: Tx, done: (() => void)[]): Promise<void> {
    await sql`savepoint work`.execute(tx.db)
    try {
      const value = await work.run(tx)
      await sql`release savepoint work`.execute(tx.db)
      done.push(() => work.resolve(value))
    } catch (error) {
      const failure = storeError(error)
      if (failure instanceof OutsideError && !isConflict(error)) throw failure
      await sql`rollback to savepoint work`.execute(tx.db)
      await sql`release savepoint work`.execute(tx.db)
      work.attempts += 1
      if (isConflict(error) && work.attempts < maxAttempts) this.#queue.unshift(work)
      else done.push(() => work.reject(failure))
    }
  }

  #stop(failure: Error): void {
    this.#failed = failure
    for (const work of this.#queue.splice(0)) work.reject(failure)
  }
}

/** Turns of all works in one order, so that no two processes wait for each other. */
function turnsOf(group: readonly Work[]): readonly Turn[] | undefined {
  const turns = new Set<Turn>()
  for (const work of group) {
    if (work.turns === undefined) return undefined
    for (const turn of work.turns) turns.add(turn)
  }
  return [...turns].sort()
}

function isFatal(error: Error): boolean {
  return error instanceof OutsideError && ['store/io', 'store/corrupt'].includes(error.code)
}
