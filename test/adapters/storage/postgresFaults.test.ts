import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openStore, type Store } from '../../../src/adapters/storage/openStore.ts'
import { auditLine, builtBatch, issuer, plannedCopy, signature } from '../../suites/samples.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../../support/postgres.ts'

const reason = whyNoPostgres()
if (reason !== undefined) console.warn(`PostgreSQL fault tests skipped: ${reason}`)

describe.skipIf(reason !== undefined)('processes that share PostgreSQL', () => {
  let cluster: Cluster
  let url: string
  beforeAll(async () => {
    cluster = await startPostgres()
  })
  afterAll(() => cluster?.stop())
  beforeEach(async () => {
    url = await cluster.newDatabase()
  })

  async function opened(): Promise<Store> {
    const store = await openStore({ kind: 'postgres', url })
    onTestFinished(() => store.close())
    return store
  }
  async function administrator(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  const outcomes = async (asked: readonly Promise<unknown>[]): Promise<string[]> => {
    const settled = await Promise.allSettled(asked)
    return settled.map((one) => (one.status === 'fulfilled' ? 'stored' : one.reason.code)).sort()
  }

  test('K5: four that start on an empty database at once agree on its schema', async () => {
    const stores = await Promise.all([opened(), opened(), opened(), opened()])
    const ids = await Promise.all(
      stores.map((one, i) => one.certificates.plan([plannedCopy(`${i}`)])),
    )
    expect(ids.flat().sort()).toEqual([1, 2, 3, 4])
  })

  test('K5: a database that a newer Weir wrote is left as it is', async () => {
    await (await openStore({ kind: 'postgres', url })).close()
    await administrator("insert into kysely_migration values ('9999-future', '2030-01-01')")
    const again = openStore({ kind: 'postgres', url })
    await expect(again).rejects.toMatchObject({ name: 'InputError', code: 'store/newer-schema' })
  })

  test('K9: a plan asked of four workers at once is stored once', async () => {
    const stores = await Promise.all([opened(), opened(), opened(), opened()])
    const asked = stores.map((one) => one.certificates.plan([plannedCopy('a'), plannedCopy('b')]))
    const once = ['store/duplicate', 'store/duplicate', 'store/duplicate', 'stored']
    expect(await outcomes(asked)).toEqual(once)
    expect(await stores[0]?.certificates.byKeys(issuer, ['a', 'b'])).toHaveLength(2)
  })

  test('K9: four workers never hold one status entry twice', async () => {
    const stores = await Promise.all([opened(), opened(), opened(), opened()])
    const rounds = Array.from({ length: 10 }, () =>
      stores.map((one) => one.lists.allocate(issuer, 7)),
    )
    const entries = (await Promise.all(rounds.flat())).flat()
    expect(new Set(entries.map(({ list, counter }) => `${list}:${counter}`)).size).toBe(280)
    expect(Math.max(...entries.map(({ counter }) => counter))).toBe(279)
  })

  test('K9: of four workers that build one sequence, one does, and no copy is in two batches', async () => {
    const stores = await Promise.all([opened(), opened(), opened(), opened()])
    const plans = Array.from({ length: 40 }, (_, i) => plannedCopy(`${i}`))
    const ids = (await stores[0]?.certificates.plan(plans)) ?? []
    await stores[0]?.certificates.sign(ids.map((id) => ({ id, signature: signature(id) })))
    const build = async (store: Store): Promise<void> => {
      for (;;) {
        const waiting = await store.queue.waiting(issuer, 0, 5)
        if (waiting.length === 0) return
        const last = (await store.outbox.batches(issuer, ['built'], 100)).at(-1)
        const batch = builtBatch((last?.sequence ?? 0) + 1)
        const members = waiting.map(({ id }) => id)
        await store.outbox.addBatch(batch, members, []).catch((error) => {
          if (error.code !== 'store/duplicate') throw error
        })
      }
    }
    await Promise.all(stores.map(build))
    const batches = (await stores[0]?.outbox.batches(issuer, ['built'], 100)) ?? []
    expect(batches.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    const members = await Promise.all(
      batches.map(({ sequence }) => stores[1]?.queue.members(issuer, sequence)),
    )
    expect(members.flatMap((some) => some?.map(({ id }) => id))).toEqual(ids)
  })

  test('K9: a copy is signed by one worker only', async () => {
    const stores = await Promise.all([opened(), opened()])
    const [id = 0] = (await stores[0]?.certificates.plan([plannedCopy('a')])) ?? []
    const asked = stores.map((one, i) => one.certificates.sign([{ id, signature: signature(i) }]))
    expect(await outcomes(asked)).toEqual(['store/duplicate', 'stored'])
  })

  test('K10: audit lines of four workers form one chain, and a changed one is named', async () => {
    const stores = await Promise.all([opened(), opened(), opened(), opened()])
    const asked = stores.flatMap((one, i) =>
      [1, 2, 3].map((n) => one.audit.append([auditLine(`${i} ${n}`)])),
    )
    await Promise.all(asked)
    expect(await stores[0]?.check()).toEqual([])
    await administrator(
      "update audit set entry = replace(entry, 'clerk-1', 'clerk-2') where id = 5",
    )
    expect(await stores[0]?.check()).toEqual([{ code: 'store/corrupt', where: 'audit 5' }])
  })

  test('after a lost connection each write is whole or absent, and the next ones go on', async () => {
    const store = await opened()
    const asked = Array.from({ length: 20 }, (_, i) =>
      store.certificates.plan([plannedCopy(`${i}`)]),
    )
    const settling = Promise.allSettled(asked)
    await cluster.dropConnections()
    const settled = await settling
    const codes = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(codes.filter((code) => code !== 'store/unavailable')).toEqual([])
    const acknowledged = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    const stored = (await store.certificates.scan(issuer, 0, 100)).map(({ id }) => id)
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([])
    expect(await store.certificates.plan([plannedCopy('later')])).toHaveLength(1)
  })

  test('a database that does not answer is unavailable, for reading and for writing', async () => {
    const gone = await startPostgres()
    const store = await openStore({ kind: 'postgres', url: await gone.newDatabase() })
    await gone.stop()
    const unavailable = { name: 'OutsideError', code: 'store/unavailable' }
    await expect(store.lists.allocate(issuer, 1)).rejects.toMatchObject(unavailable)
    await expect(store.holder.list()).rejects.toMatchObject(unavailable)
    await store.close()
    const nowhere = openStore({ kind: 'postgres', url: 'postgres://weir@/x?host=/nowhere' })
    await expect(nowhere).rejects.toMatchObject(unavailable)
  })

  test('K3: a database that became read-only stops all acknowledging', async () => {
    const store = await opened()
    await administrator(`do $$ begin execute format(
      'alter database %I set default_transaction_read_only = on', current_database()); end $$`)
    await cluster.dropConnections()
    const read = { name: 'OutsideError', code: 'store/io' }
    await expect(store.lists.allocate(issuer, 1)).rejects.toMatchObject(read)
  })
})
