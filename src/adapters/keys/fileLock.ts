import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { OutsideError } from '../../errors.ts'

/** Milliseconds after which whoever holds a lock is taken for dead: far longer than a change of a file takes. */
const deadAfterMs = 10_000
/** Milliseconds that a change waits for its turn. */
const patienceMs = 30_000
const againMs = 10

/**
 * Does a short piece of work on a file while no other process does: several processes of a department share
 * one home. The lock is a file beside it, so that it holds between containers too, and a lock that a killed
 * process left is taken over after ten seconds.
 *
 * @throws {OutsideError} `key/unavailable` if there is no turn within 30 s or the disk takes no lock; what
 *   `work` throws.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const token = randomUUID()
  await take(lock, token)
  try {
    return await work()
  } finally {
    // Whoever thought us dead has it now.
    if ((await tokenOf(lock)) === token) await rm(lock, { force: true })
  }
}

async function take(lock: string, token: string): Promise<void> {
  const end = Date.now() + patienceMs
  try {
    await mkdir(dirname(lock), { recursive: true, mode: 0o700 })
    while (!(await isMade(lock, token))) {
      if (Date.now() > end) throw new OutsideError('key/unavailable', { reason: 'locked' })
      await breakDead(lock)
      await pause(againMs)
    }
  } catch (cause) {
    if (cause instanceof OutsideError) throw cause
    throw new OutsideError('key/unavailable', { cause })
  }
}

async function isMade(lock: string, token: string): Promise<boolean> {
  try {
    await writeFile(lock, token, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves a dead one's lock away; one that was taken anew meanwhile is put back. */
async function breakDead(lock: string): Promise<void> {
  const token = await tokenOf(lock)
  const held = await stat(lock).catch(() => undefined)
  if (held === undefined || Date.now() - held.mtimeMs < deadAfterMs) return
  const aside = `${lock}.${randomUUID()}`
  try {
    await rename(lock, aside)
  } catch {
    return
  }
  if ((await tokenOf(aside)) !== token) await link(aside, lock).catch(() => undefined)
  await rm(aside, { force: true })
}

function tokenOf(lock: string): Promise<string | undefined> {
  return readFile(lock, 'utf8').catch(() => undefined)
}
