import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storeError } from './storeErrors.ts'

/** A store's file, opened by this process and no other. */
export type SqliteFile = {
  /** Where it truly lies, symbolic links followed. */
  readonly path: string
  readonly writer: DatabaseSync
  /** Sees committed rows only. */
  readonly reader: DatabaseSync
  /** Frees the file for others; call it after both connections are closed. */
  unlock(): unknown
}

const pragmas = [
  'page_size = 16384',
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'secure_delete = ON',
  'wal_autocheckpoint = 0',
  'temp_store = MEMORY',
  'cache_size = -65536',
  'journal_size_limit = 67108864',
]

/**
 * Opens or creates a store's file: folder 0700, files 0600.
 *
 * @throws {OutsideError} `store/locked` if another process has it open; the operating system frees
 * the lock when that process dies, however it dies. `store/io`, `store/corrupt`.
 */
export function openFile(path: string): SqliteFile {
  const open: DatabaseSync[] = []
  try {
    const file = create(path)
    const lock = exclusive(`${file}.lock`)
    open.push(lock)
    const writer = new DatabaseSync(file)
    open.push(writer)
    for (const pragma of pragmas) writer.exec(`pragma ${pragma}`)
    writer.exec('begin immediate; rollback')
    const reader = new DatabaseSync(file, { readOnly: true })
    open.push(reader)
    reader.exec('pragma cache_size = -32768')
    return { path: file, writer, reader, unlock: () => lock.isOpen && lock.close() }
  } catch (error) {
    for (const database of open.reverse()) database.close()
    throw storeError(error)
  }
}

function create(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  return realpathSync(path)
}

/** An empty database whose exclusive lock this process holds until it closes it or dies. */
function exclusive(path: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: 0 })
  try {
    chmodSync(path, 0o600)
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    throw error
  }
}
