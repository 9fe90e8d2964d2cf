import { Kysely, sql } from 'kysely'
import { OutsideError } from '../../errors.ts'
import type { Backend } from './backend.ts'
import { GroupCommit } from './groupCommit.ts'
import { KeyFilter } from './keyFilter.ts'
import { migrate } from './migrations.ts'
import { columnsOf, type Table, type Tables } from './schema.ts'
import { backUp } from './sqliteBackup.ts'
import { SqliteConnection, SqliteDialect } from './sqliteDialect.ts'
import { openFile } from './sqliteFile.ts'
import { storeError } from './storeErrors.ts'

/** A SQLite store's backend and what only its owner may do. */
export type SqliteBackend = Backend & {
  readonly path: string
  faults(): Promise<string[]>
  backup(path: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a store in one file, with one writer and one reader, and brings its schema up to date.
 *
 * @throws {OutsideError} `store/locked`, `store/io`, `store/corrupt`.
 * @throws {InputError} `store/newer-schema`.
 */
export async function openSqlite(path: string): Promise<SqliteBackend> {
  const file = openFile(path)
  const writing = new SqliteConnection(file.writer)
  const reading = new SqliteConnection(file.reader)
  const writeDb = new Kysely<Tables>({ dialect: new SqliteDialect(writing) })
  const readDb = new Kysely<Tables>({ dialect: new SqliteDialect(reading) })
  const inserts = new Map<Table, string>()
  const commits = new GroupCommit({
    db: writeDb,
    begin: async (db) => void (await sql`begin immediate`.execute(db)),
    insert: async (_db, table, rows) => {
      const text = inserts.get(table) ?? insertText(table)
      inserts.set(table, text)
      writing.runAll(text, rows)
    },
    settle,
  })
  const close = async (): Promise<void> => {
    const isWhole = await commits.close()
    reading.close()
    try {
      // SQLite's own last checkpoint hides that the disk failed; nothing is lost, but somebody must know.
      if (isWhole) file.writer.exec('pragma wal_checkpoint(truncate)')
    } catch (error) {
      throw storeError(error)
    } finally {
      writing.close()
      file.unlock()
    }
  }
  try {
    await migrate(writeDb, 'sqlite')
  } catch (error) {
    await close()
    throw storeError(error)
  }
  return {
    path: file.path,
    span: 16384,
    keyFilter: new KeyFilter(),
    write: (work) => commits.write(work),
    read: (work) => work(readDb).catch((error) => Promise.reject(storeError(error))),
    among: (values) => sql<number>`(select value from json_each(${JSON.stringify(values)}))`,
    faults: () => faults(readDb),
    backup: (target) => backUp(file.path, target),
    close,
  }
}

/** Pages of 16 KiB in the write-ahead log before they are moved into the database. */
const maxLogPages = 1000

/**
 * Moves the log's pages into the database ourselves: SQLite's own checkpoint after a commit hides a
 * failed fsync, tries again, and may then drop the only good copy.
 */
async function settle(db: Kysely<Tables>, isForgetting: boolean): Promise<void> {
  if (isForgetting) {
    await sql`pragma wal_checkpoint(truncate)`.execute(db)
    return
  }
  const { rows } = await sql<{ log: number; checkpointed: number }>`
    pragma wal_checkpoint(noop)`.execute(db)
  const [pages = { log: 0, checkpointed: 0 }] = rows
  if (pages.log - pages.checkpointed < maxLogPages) return
  await sql`pragma wal_checkpoint(passive)`.execute(db)
}

/** What SQLite itself finds wrong, at most ten lines; table and page, never a value. */
async function faults(db: Kysely<Tables>): Promise<string[]> {
  try {
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check(10)`.execute(db)
    return rows.map((row) => row.quick_check).filter((line) => line !== 'ok')
  } catch (error) {
    const failure = storeError(error)
    if (failure instanceof OutsideError && failure.code === 'store/corrupt') return ['database']
    throw failure
  }
}

function insertText(table: Table): string {
  const names = columnsOf(table).map(({ name }) => name)
  return `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`
}
