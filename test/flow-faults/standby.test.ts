import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { firstFinding } from '../../src/issuer/fsck.ts'
import { issue, issueOne } from '../../src/issuer/issue.ts'
import { reconcile } from '../../src/issuer/reconcile.ts'
import { address, anchorAll, issuerOver, newWorld, titleRequest } from '../support/issuer.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../support/postgres.ts'

const reason = whyNoPostgres()
if (reason !== undefined) console.warn(`test of a promoted standby skipped: ${reason}`)

describe.skipIf(reason !== undefined)('a standby that is promoted without the last rows', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startPostgres()
  })
  afterAll(() => cluster?.stop())

  /** Another database with what `url` holds now: as far as an asynchronous standby had come. */
  async function standbyOf(url: string): Promise<string> {
    const copy = await cluster.newDatabase()
    const nameIn = (address: string) => /\/(\w+)\?/.exec(address)?.[1] ?? ''
    const client = new pg.Client({ connectionString: url.replace(nameIn(url), 'postgres') })
    await client.connect()
    await client.query(`drop database ${nameIn(copy)}`)
    await client.query(`create database ${nameIn(copy)} template ${nameIn(url)}`)
    await client.end()
    return copy
  }

  test('K8: a promoted standby that lacks a batch of the chain is fenced until it is reconciled', async () => {
    const rows = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => titleRequest(from + at))
    const url = await cluster.newDatabase()
    const first = await openStore({ kind: 'postgres', url })
    const world = await newWorld({ store: first })
    const { model, pool } = world
    await Array.fromAsync(issue(world.issuer, rows(1, 5)))
    await anchorAll(world)
    await first.close()
    const standby = await standbyOf(url)

    const primary = await openStore({ kind: 'postgres', url })
    const lost = issuerOver(primary, model, pool, world.issuer.signer)
    await Array.fromAsync(issue(lost, rows(6, 5)))
    await anchorAll({ issuer: lost, model })
    const taken = (await primary.certificates.scan(address, 0, 100)).map(
      ({ list, index }) => `${list}/${index}`,
    )

    const promoted = await openStore({ kind: 'postgres', url: standby })
    const issuer = issuerOver(promoted, model, pool, world.issuer.signer)
    const behind = { name: 'TrustError', code: 'anchor/behind-chain' }
    await expect(issueOne(issuer, titleRequest(50))).rejects.toMatchObject(behind)
    await expect(anchorAll({ issuer, model })).rejects.toMatchObject(behind)

    const leavesOf = async ({ sequence }: { readonly sequence: number }) =>
      (await primary.outbox.batch(address, sequence))?.leaves
    expect(await reconcile(issuer, leavesOf)).toMatchObject({ batches: 1, members: 0 })
    const answers = await Array.fromAsync(issue(issuer, rows(100, 20)))
    const entries = answers.flatMap((one) => ('credentials' in one ? one.credentials : []))
    expect(entries).toHaveLength(20)
    const given = entries.map(({ status }) => `${status.list}/${status.index}`)
    expect(given.filter((entry) => taken.includes(entry))).toEqual([])
    expect(await anchorAll({ issuer, model })).toBe(1)
    expect(await firstFinding(issuer)).toBeUndefined()
    // The old primary is behind now, and stops too.
    await expect(issueOne(lost, titleRequest(51))).rejects.toMatchObject(behind)
    await promoted.close()
    await primary.close()
  })
})
