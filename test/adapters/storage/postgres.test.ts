import { afterAll, beforeAll, describe } from 'vitest'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { allSuites } from '../../suites/allSuites.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../../support/postgres.ts'

const reason = whyNoPostgres()
if (reason !== undefined) console.warn(`store suite on PostgreSQL skipped: ${reason}`)

describe.skipIf(reason !== undefined)('on PostgreSQL', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startPostgres()
  })
  afterAll(() => cluster?.stop())

  allSuites(async () => openStore({ kind: 'postgres', url: await cluster.newDatabase() }))
})
