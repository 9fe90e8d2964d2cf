import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { issuer } from '../../suites/samples.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../../support/postgres.ts'
import { tempFolder } from '../../support/tempFolder.ts'

const now = new Date('2026-11-22T12:00:00Z')
const nonces = Array.from({ length: 30 }, (_, i) => ({
  kind: 'nonce',
  name: `nonce ${i}`,
  value: {},
  expiresAt: new Date('2026-11-22T13:00:00Z'),
}))

test('G1: a nonce taken once is not taken again after a restart, and an untaken one is kept', async () => {
  const path = join(tempFolder(), 'store.db')
  const first = await openStore({ kind: 'sqlite', path })
  await first.sessions.add(issuer, nonces)
  expect(await first.sessions.take(issuer, 'nonce', 'nonce 0', now)).toBeDefined()
  await first.close()
  const second = await openStore({ kind: 'sqlite', path })
  expect(await second.sessions.take(issuer, 'nonce', 'nonce 0', now)).toBeUndefined()
  expect(await second.sessions.take(issuer, 'nonce', 'nonce 1', now)).toBeDefined()
  await second.close()
})

describe.skipIf(whyNoPostgres() !== undefined)('two processes of one department', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startPostgres()
  })
  afterAll(() => cluster?.stop())

  test('G1: share their nonces, and each nonce is taken by one of them', async () => {
    const url = await cluster.newDatabase()
    const stores = [
      await openStore({ kind: 'postgres', url }),
      await openStore({ kind: 'postgres', url }),
    ]
    await stores[0]!.sessions.add(issuer, nonces)
    const takes = nonces.flatMap(({ name }) =>
      stores.map(({ sessions }) => sessions.take(issuer, 'nonce', name, now)),
    )
    const got = (await Promise.all(takes)).filter((one) => one !== undefined)
    expect(got.map(({ name }) => name).sort()).toEqual(nonces.map(({ name }) => name).sort())
    for (const store of stores) await store.close()
  })
})
