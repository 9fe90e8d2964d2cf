import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { issuer, plannedCopy } from '../../suites/samples.ts'
import { tempFolder } from '../../support/tempFolder.ts'

test('K5: a store that a newer Weir wrote is left as it is', async () => {
  const path = join(tempFolder(), 'store.db')
  await (await openStore({ kind: 'sqlite', path })).close()
  const database = new DatabaseSync(path)
  database.exec("insert into kysely_migration values ('9999-future', '2030-01-01')")
  database.close()
  const opened = openStore({ kind: 'sqlite', path })
  await expect(opened).rejects.toMatchObject({ name: 'InputError', code: 'store/newer-schema' })
  const again = openStore({ kind: 'sqlite', path })
  await expect(again).rejects.toMatchObject({ code: 'store/newer-schema' })
})

test('K5: a migration killed after any of its statements starts over and ends well', async () => {
  const folder = tempFolder()
  const running = join(folder, 'running')
  let statements = 0
  // What lies on disk between two statements is what a kill leaves there.
  const keep = (): void => {
    statements += 1
    cpSync(running, join(folder, `killed-${statements}`), { recursive: true })
  }
  const { run, all } = StatementSync.prototype
  vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (
    this: StatementSync,
    ...args
  ) {
    const result = run.apply(this, args as never)
    keep()
    return result
  })
  vi.spyOn(StatementSync.prototype, 'all').mockImplementation(function (
    this: StatementSync,
    ...args
  ) {
    const result = all.apply(this, args as never)
    keep()
    return result
  })
  await (await openStore({ kind: 'sqlite', path: join(running, 'store.db') })).close()
  vi.restoreAllMocks()
  expect(statements).toBeGreaterThan(20)
  for (const name of readdirSync(folder).filter((one) => one.startsWith('killed-'))) {
    const store = await openStore({ kind: 'sqlite', path: join(folder, name, 'store.db') })
    expect(await store.certificates.plan([plannedCopy('a')])).toEqual([1])
    expect(await store.lists.allocate(issuer, 1)).toHaveLength(1)
    expect(await store.check()).toEqual([])
    await store.close()
  }
})

test('a file that is no database is reported as damaged, not overwritten', async () => {
  const path = join(tempFolder(), 'store.db')
  cpSync(import.meta.filename, path)
  const opened = openStore({ kind: 'sqlite', path })
  await expect(opened).rejects.toMatchObject({ name: 'OutsideError', code: 'store/corrupt' })
})
