import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore, type Store } from '../../../src/adapters/storage/openStore.ts'
import { issuer } from '../../suites/samples.ts'
import { startChild } from '../../support/child.ts'
import { tempFolder } from '../../support/tempFolder.ts'

async function opened(path: string): Promise<Store> {
  const store = await openStore({ kind: 'sqlite', path })
  onTestFinished(() => store.close())
  return store
}

const acknowledged = (lines: readonly string[]): number[] =>
  lines.filter((line) => /^\d+$/.test(line)).map(Number)

test('K4: a second process is refused, and the lock dies with the first', async () => {
  const path = join(tempFolder(), 'store.db')
  const first = startChild('storeChild.ts', ['hold', path])
  expect(await first.line()).toBe('open')
  expect(await startChild('storeChild.ts', ['open', path]).rest()).toEqual(['store/locked'])
  await first.kill()
  expect(await startChild('storeChild.ts', ['open', path]).rest()).toEqual(['open'])
})

test('K4: one process does not open a store twice, but again after closing it', async () => {
  const path = join(tempFolder(), 'store.db')
  const store = await opened(path)
  const second = openStore({ kind: 'sqlite', path })
  await expect(second).rejects.toMatchObject({ name: 'OutsideError', code: 'store/locked' })
  await store.close()
  await opened(path)
})

test('K4: another name for the same file does not get around the lock', async () => {
  const folder = tempFolder()
  await opened(join(folder, 'store.db'))
  execFileSync('ln', ['-s', join(folder, 'store.db'), join(folder, 'other.db')])
  const second = openStore({ kind: 'sqlite', path: join(folder, 'other.db') })
  await expect(second).rejects.toMatchObject({ code: 'store/locked' })
})

test('K1: whatever a killed process had acknowledged is there after it', async () => {
  const path = join(tempFolder(), 'store.db')
  let known: number[] = []
  for (const acknowledgedFirst of [1, 7, 20]) {
    const child = startChild('storeChild.ts', ['write', path])
    const lines = [await child.line()]
    while (lines.length <= acknowledgedFirst) lines.push(await child.line())
    await child.kill()
    known = [...known, ...acknowledged([...lines, ...(await child.rest())])]
    const store = await openStore({ kind: 'sqlite', path })
    const ids = (await store.certificates.scan(issuer, 0, 10_000, 'durable')).map(({ id }) => id)
    expect(known.filter((id) => !ids.includes(id))).toEqual([])
    expect(await store.check()).toEqual([])
    await store.close()
  }
  expect(new Set(known).size).toBe(known.length)
})

test('K2: a file that may not grow stops all acknowledging, and what was acknowledged stays', async () => {
  const path = join(tempFolder(), 'store.db')
  const lines = await startChild('storeChild.ts', ['write', path], 'ulimit -f 4096; exec').rest()
  expect(lines.slice(-3)).toEqual(['store/io', 'store/io', 'store/io'])
  const store = await opened(path)
  const durable = await store.certificates.scan(issuer, 0, 10_000, 'durable')
  expect(durable.map(({ id }) => id)).toEqual(acknowledged(lines))
  expect(durable.length).toBeGreaterThan(0)
  expect(await store.check()).toEqual([])
})

test('K3: without file descriptors a store is not opened, and nothing of it is harmed', async () => {
  const path = join(tempFolder(), 'store.db')
  await (await openStore({ kind: 'sqlite', path })).close()
  const lines = await startChild(
    'storeChild.ts',
    ['descriptors', path],
    'ulimit -n 64; exec',
  ).rest()
  expect(lines).toEqual(['no more descriptors', 'store/io'])
  expect(await (await opened(path)).check()).toEqual([])
})

test('the folder is for its owner alone, and so is each file', async () => {
  const path = join(tempFolder(), 'department', 'store.db')
  const store = await opened(path)
  await store.lists.allocate(issuer, 1)
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  for (const suffix of ['', '-wal', '-shm', '.lock']) {
    expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600)
  }
})
