import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withFileLock } from '../../../src/adapters/keys/fileLock.ts'
import { openKeyStore } from '../../../src/adapters/keys/store.ts'

let folder: string
let path: string
let keyFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-keys-'))
  path = join(folder, 'deep', 'keys.json')
  keyFile = join(folder, 'key')
  writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A lock that a killed process left so many seconds ago. */
function leaveLock(secondsAgo: number): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.lock`, 'of another')
  const at = Date.now() / 1000 - secondsAgo
  utimesSync(`${path}.lock`, at, at)
}

describe('a key store that several processes share', () => {
  test('keeps the keys of all, also where it was opened before it had a file', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openKeyStore(path, { keyFile })))
    const ids = stores.map((_, i) => [0, 1, 2, 3].map((number) => `key-${i}-${number}`))
    await Promise.all(stores.flatMap((store, i) => ids[i]!.map((id) => store.create(id, 'holder'))))
    for (const store of stores) {
      const listed = (await store.list()).map(({ id }) => id)
      expect(listed.sort()).toEqual(ids.flat().sort())
      for (const id of ids.flat()) expect((await store.load(id, 'holder')).crv).toBe('P-256')
    }
    expect(readdirSync(dirname(path))).toEqual(['keys.json'])
  })

  test('gives a name to one of those who want it at once', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => openKeyStore(path, { keyFile })))
    const made = await Promise.allSettled(stores.map((store) => store.create('key', 'holder')))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refused = made.flatMap((one) => (one.status === 'rejected' ? one.reason.code : []))
    expect(refused).toEqual(['key/exists', 'key/exists'])
  })

  test('goes on after a process was killed while it wrote', async () => {
    leaveLock(3600)
    const store = await openKeyStore(path, { keyFile })
    await store.create('key', 'holder')
    expect((await store.list()).map(({ id }) => id)).toEqual(['key'])
    expect(readdirSync(dirname(path))).toEqual(['keys.json'])
  })
})

describe('a lock of a file', () => {
  test('lets one in at a time, also those who find a dead one’s lock together', async () => {
    leaveLock(3600)
    let inside = 0
    const most: number[] = []
    await Promise.all(
      Array.from({ length: 20 }, () =>
        withFileLock(path, async () => {
          inside += 1
          most.push(inside)
          await new Promise(setImmediate)
          inside -= 1
        }),
      ),
    )
    expect(most).toEqual(Array(20).fill(1))
  })

  test('is freed where the work fails', async () => {
    const failing = withFileLock(path, async () => {
      throw new Error('sample')
    })
    await expect(failing).rejects.toThrow('sample')
    expect(await withFileLock(path, async () => 'in')).toBe('in')
  })
})
