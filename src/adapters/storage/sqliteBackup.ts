import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { InputError, OutsideError } from '../../errors.ts'
import { storeError } from './storeErrors.ts'

/** All pages in one step, so one moment's state; in smaller steps each write would start it over. */
const allPages = 0x7fffffff

/**
 * Copies a store that is in use into a new file, checks the copy, syncs it, and only then gives it its
 * name: a file of that name is a whole backup.
 *
 * @throws {InputError} `store/no-backup` if `target` exists.
 * @throws {OutsideError} `store/io`, `store/corrupt`.
 */
export async function backUp(source: string, target: string): Promise<void> {
  if (existsSync(target)) throw new InputError('store/no-backup')
  const partial = `${target}.partial`
  try {
    rmSync(partial, { force: true })
    closeSync(openSync(partial, 'wx', 0o600))
    await copy(source, partial)
    verify(partial)
    sync(partial)
    renameSync(partial, target)
    sync(dirname(target))
  } catch (error) {
    rmSync(partial, { force: true })
    throw storeError(error)
  }
}

async function copy(source: string, target: string): Promise<void> {
  const reader = new DatabaseSync(source, { readOnly: true })
  try {
    await backup(reader, target, { rate: allPages })
  } finally {
    reader.close()
  }
}

/** The copy is one plain file afterwards, without a write-ahead log beside it. */
function verify(path: string): void {
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma journal_mode = DELETE')
    const [row] = database.prepare('pragma quick_check(1)').all()
    if (row?.quick_check !== 'ok') throw new OutsideError('store/corrupt')
  } finally {
    database.close()
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
