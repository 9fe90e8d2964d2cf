import type { Kysely, RawBuilder } from 'kysely'
import type { KeyFilter } from './keyFilter.ts'
import type { Table, Tables, Value } from './schema.ts'

/** What processes that share a database take turns at, each for one transaction. */
export type Turn = 'audit' | 'lists'

/** One database connection inside a transaction. */
export type Tx = {
  readonly db: Kysely<Tables>
  /** Inserts whole rows, values in the order of `columns[table]`. */
  insert(table: Table, rows: readonly (readonly Value[])[]): Promise<void>
  /** What this transaction deletes shall be gone from the disk too once it is answered. */
  forget(): void
}

/** What differs between SQLite and PostgreSQL, so that each store is written once. */
export type Backend = {
  /**
   * Runs `work` in a transaction, together with whatever else waits, and resolves after the fsync.
   * Work that throws is undone alone. It may run again after a conflict, so it has no other effect.
   *
   * @param turns left out: no other process writes beside. Named: others may, except at these; the work must
   * then be safe beside itself, by row locks and unique keys.
   */
  write<T>(work: (tx: Tx) => Promise<T>, turns?: readonly Turn[]): Promise<T>
  /** Reads what is committed and synced, nothing else. */
  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /** The integers of a list as a subquery, for `in`. */
  among(values: readonly number[]): RawBuilder<number>
  /** Copies a lookup bucket holds: `bucket = floor(id / span)`. */
  readonly span: number
  /** Where this process alone writes. */
  readonly keyFilter?: KeyFilter
  /** Where others write too: takes numbers for `count` copies, the first of them, for good and at once. */
  takeIds?(count: number): Promise<number>
}
