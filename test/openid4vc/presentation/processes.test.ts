import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore, type Store } from '../../../src/adapters/storage/openStore.ts'
import { askForPresentation } from '../../../src/openid4vc/presentation/ask.ts'
import type { RelyingParty } from '../../../src/openid4vc/presentation/model.ts'
import { readResult } from '../../../src/openid4vc/presentation/result.ts'
import { watchRequest } from '../../../src/openid4vc/presentation/watch.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../../support/postgres.ts'
import { capture, type PresentationWorld, posted, presentationWorld, wish } from './world.ts'

const reason = whyNoPostgres()
if (reason !== undefined) console.warn(`answers to two processes skipped: ${reason}`)

describe.skipIf(reason !== undefined)('two processes of one department on PostgreSQL', () => {
  let cluster: Cluster
  let world: PresentationWorld
  const stores: Store[] = []
  const parties: RelyingParty[] = []

  beforeAll(async () => {
    cluster = await startPostgres()
    world = await presentationWorld()
    await world.hold()
    const url = await cluster.newDatabase()
    for (let process = 0; process < 2; process++) {
      const store = await openStore({ kind: 'postgres', url })
      stores.push(store)
      parties.push({ ...world.party, sessions: store.sessions, audit: store.audit })
    }
  }, 60_000)
  afterAll(async () => {
    for (const store of stores) await store.close()
    await world?.pool.close()
    await cluster?.stop()
  })

  test('H1: of 200 parallel replays to both exactly one succeeds, and both know it', async () => {
    const [first, second] = parties as [RelyingParty, RelyingParty]
    const { id, uri } = await askForPresentation(first, wish({ mode: 'direct_post.jwt' }), 'clerk')
    // The request is fetched from one process, and answered to both.
    const { url, form } = await capture({ wallet: world.wallet, party: second }, uri)
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) => posted(parties[i % 2]!, url, form)),
    )
    expect(results.filter((result) => result === 'accepted')).toHaveLength(1)
    expect(new Set(results)).toEqual(new Set(['accepted', 'presentation/wrong-state']))
    for (const party of parties) {
      expect((await readResult(party, id)).result!.verdict).toMatchObject({ outcome: 'valid' })
    }
  })

  test('who watches in one process sees what happens in the other', async () => {
    const [first, second] = parties as [RelyingParty, RelyingParty]
    const { id, uri } = await askForPresentation(first, wish(), 'clerk')
    const states: string[] = []
    const watching = (async () => {
      const { signal } = new AbortController()
      for await (const { state } of watchRequest(first, id, 0, signal)) states.push(state)
    })()
    const { url, form } = await capture({ wallet: world.wallet, party: second }, uri)
    expect(await posted(second, url, form)).toBe('accepted')
    await watching
    expect(states).toEqual(['waiting', 'scanned', 'answered', 'verified'])
  })
})
