import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openStore, type Store } from '../../../src/adapters/storage/openStore.ts'
import { auditLine, builtBatch, issuer, plannedCopy, signature } from '../../suites/samples.ts'
import { tempFolder } from '../../support/tempFolder.ts'

async function planAndSign(store: Store, key: string): Promise<number> {
  const [id = 0] = await store.certificates.plan([plannedCopy(key)])
  await store.certificates.sign([{ id, signature: signature(id % 256) }])
  return id
}

test('K7: a backup taken while certificates are issued is whole', async () => {
  const folder = tempFolder()
  const store = await openStore({ kind: 'sqlite', path: join(folder, 'store.db') })
  for (let i = 0; i < 50; i += 1) await planAndSign(store, `before ${i}`)
  let isDone = false
  const backup = store.backup(join(folder, 'backup.db')).finally(() => {
    isDone = true
  })
  let during = 0
  while (!isDone) {
    await planAndSign(store, `during ${during}`)
    during += 1
  }
  await backup
  expect(during).toBeGreaterThan(0)
  expect(statSync(join(folder, 'backup.db')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  const copy = await openStore({ kind: 'sqlite', path: join(folder, 'backup.db') })
  expect(await copy.check()).toEqual([])
  const original = await store.certificates.scan(issuer, 0, 10_000)
  const kept = await copy.certificates.scan(issuer, 0, 10_000)
  expect(kept.length).toBeGreaterThanOrEqual(50)
  const fingerprints = original.slice(0, kept.length).map((one) => one.fingerprint)
  expect(kept.map((one) => one.fingerprint)).toEqual(fingerprints)
  await copy.close()
  await store.close()
})

test('K7: a backup never overwrites a file', async () => {
  const folder = tempFolder()
  const store = await openStore({ kind: 'sqlite', path: join(folder, 'store.db') })
  const again = store.backup(join(folder, 'store.db'))
  await expect(again).rejects.toMatchObject({ name: 'InputError', code: 'store/no-backup' })
  const nowhere = store.backup(join(folder, 'missing', 'backup.db'))
  await expect(nowhere).rejects.toMatchObject({ name: 'OutsideError', code: 'store/io' })
  expect(existsSync(join(folder, 'missing'))).toBe(false)
  await store.close()
})

test('K6: a restored backup, fenced, gives no status entry and no sequence twice', async () => {
  const folder = tempFolder()
  const store = await openStore({ kind: 'sqlite', path: join(folder, 'store.db') })
  await store.lists.allocate(issuer, 100)
  await store.outbox.addBatch(builtBatch(1), [await planAndSign(store, 'a')], [])
  await store.backup(join(folder, 'backup.db'))
  const after = await store.lists.allocate(issuer, 1000)
  await store.outbox.addBatch(builtBatch(2), [await planAndSign(store, 'b')], [])
  await store.close()
  const restored = await openStore({ kind: 'sqlite', path: join(folder, 'backup.db') })
  await restored.lists.fence(issuer, 1)
  const fresh = await restored.lists.allocate(issuer, 1000)
  const used = new Set(after.map(({ list, counter }) => `${list}:${counter}`))
  expect(fresh.filter(({ list, counter }) => used.has(`${list}:${counter}`))).toEqual([])
  await restored.outbox.addBatch(builtBatch(3), [await planAndSign(restored, 'c')], [])
  expect(await restored.outbox.batch(issuer, 3)).toBeDefined()
  await restored.close()
})

const tampering: readonly [what: string, statement: string, line: number][] = [
  [
    'a changed line',
    `update audit set entry = replace(entry, 'clerk-1', 'clerk-2') where id = 2`,
    2,
  ],
  ['a changed hash', `update audit set hash = '${'ab'.repeat(32)}' where id = 3`, 3],
  ['a line cut out', 'delete from audit where id = 2', 2],
  ['a last line cut off', 'delete from audit where id = 4', 4],
  ['a line added', `insert into audit select 5, hash, entry from audit where id = 4`, 5],
]
for (const [what, statement, line] of tampering) {
  test(`K10: ${what} in the audit log is named`, async () => {
    const path = join(tempFolder(), 'store.db')
    const store = await openStore({ kind: 'sqlite', path })
    await store.audit.append(['one', 'two', 'three', 'four'].map((action) => auditLine(action)))
    expect(await store.check()).toEqual([])
    await store.close()
    const database = new DatabaseSync(path)
    database.exec(statement)
    database.close()
    const tampered = await openStore({ kind: 'sqlite', path })
    expect(await tampered.check()).toEqual([{ code: 'store/corrupt', where: `audit ${line}` }])
    await tampered.close()
  })
}

test('what a holder removes leaves no byte in the files', async () => {
  const folder = tempFolder()
  const path = join(folder, 'store.db')
  const store = await openStore({ kind: 'sqlite', path })
  const token = 'canary-5f1d0c7e'.repeat(3000)
  await store.holder.put({ id: 'aa', token, proof: undefined, receivedAt: new Date(0) })
  const holds = (): boolean =>
    ['', '-wal'].some((suffix) => readFileSync(`${path}${suffix}`).includes('canary-5f1d0c7e'))
  expect(holds()).toBe(true)
  await store.holder.remove('aa')
  expect(holds()).toBe(false)
  await store.close()
})
