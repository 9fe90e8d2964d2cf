import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anchorWriter } from '../../src/adapters/chain/anchorWriter.ts'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'
import type { Deployment } from '../../src/adapters/chain/deployment.ts'
import { Mirror } from '../../src/adapters/chain/mirror.ts'
import { Rpc } from '../../src/adapters/chain/rpc.ts'
import { openStore, type Store } from '../../src/adapters/storage/openStore.ts'
import { arrange, leafHash, rootOf } from '../../src/anchor/tree.ts'
import { OutsideError } from '../../src/errors.ts'
import type { Fetch } from '../../src/ports/fetch.ts'
import { hex } from '../../src/primitives/bytes.ts'
import { collect } from '../../src/registry/collect.ts'
import { followerOf } from '../../src/registry/follow.ts'
import { byFingerprint } from '../../src/registry/lookUp.ts'
import type { Registry } from '../../src/registry/model.ts'
import { digest } from '../suites/samples.ts'
import {
  registerRoot,
  sampleHash,
  startChain,
  type TestChain,
  temporaryDirectory,
} from '../support/chain.ts'
import { type ChaosNode, startChaos } from '../support/chaosRpc.ts'

const type = sampleHash('urn:weir:certificate:marriage:1')
const source = 'http://127.0.0.1:4001'

/** A department that anchors sample fingerprints and serves their leaf files, honestly or not. */
function sampleDepartment(chain: TestChain, account: Parameters<typeof anchorWriter>[2]) {
  const issuer = account.address
  const writer = anchorWriter(chain.rpc, chain.deployment, account)
  const files = new Map<number, Uint8Array>()
  const asked: string[] = []
  let lie: (body: Uint8Array, sequence: number) => Uint8Array | number = (body) => body
  const fetch: Fetch = async ({ url }) => {
    asked.push(url)
    const sequence = Number(url.split('/').at(-2))
    const known = files.get(sequence)
    const answer = known === undefined ? 404 : lie(known, sequence)
    return typeof answer === 'number'
      ? { status: answer, headers: {}, body: new Uint8Array() }
      : { status: 200, headers: {}, body: answer }
  }
  return {
    issuer,
    fetch,
    asked,
    files,
    set: (next: typeof lie) => {
      lie = next
    },
    async anchor(name: string): Promise<Uint8Array> {
      const { sequence, link } = await writer.latest(issuer)
      const fingerprints = Array.from({ length: 16 }, (_, at) => digest(`${name} ${at}`))
      const leaves = arrange(fingerprints.map(leafHash))
      const root = `0x${hex(rootOf(leaves))}`
      const call = { issuer, sequence: sequence + 1, previous: link, root, size: 16, changes: [] }
      await writer.send(await writer.prepare(call))
      await chain.settle()
      files.set(sequence + 1, leaves)
      return fingerprints[3]!
    },
  }
}

describe('a registry that follows a chain', () => {
  let chain: TestChain
  let chaos: ChaosNode
  let department: ReturnType<typeof sampleDepartment>
  let store: Store
  let folder: string

  beforeAll(async () => {
    chain = await startChain(anvilBinary() === undefined ? 'hardhat' : 'anvil')
    const { account } = await registerRoot(chain, 'sample civil affairs office', type)
    department = sampleDepartment(chain, account)
    chaos = await startChaos(chain.url)
    folder = await temporaryDirectory()
    store = await openStore({ kind: 'sqlite', path: join(folder, 'registry.sqlite') })
  }, 120_000)

  afterEach(() => {
    chaos.set({})
    department.set((body) => body)
  })

  afterAll(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
    await chaos.close()
    await chain.close()
  })

  const open = (
    url = chaos.url,
    change: Partial<Omit<Registry, 'chain'>> = {},
    deployment: Deployment = chain.deployment,
  ): Omit<Registry, 'chain'> & { readonly chain: Mirror } => ({
    chain: new Mirror(new Rpc(url), deployment, { journal: store.journal, freshMs: 0 }),
    leaves: store.leaves,
    fetch: department.fetch,
    sources: new Map([[department.issuer, source]]),
    clock: () => new Date(),
    ...change,
  })

  test('what was read and collected is found, and an unanchored fingerprint is known not to be', async () => {
    const registry = open()
    const follower = followerOf(registry)
    expect(follower.now().state).toBe('starting')
    const fingerprint = await department.anchor('first')
    expect((await follower.step()).state).toBe('following')
    expect(await collect(registry)).toEqual({ stored: 1, faults: [] })
    expect(await collect(registry)).toEqual({ stored: 0, faults: [] })
    const { places, isComplete } = await byFingerprint(registry, fingerprint)
    expect(places).toMatchObject([{ issuer: department.issuer, sequence: 1, size: 16 }])
    expect(isComplete).toBe(true)
    const stranger = await byFingerprint(registry, digest('never anchored'))
    expect(stranger).toMatchObject({ places: [], isComplete: true })
  })

  test('D20: another process goes on where the first one ended, and asks no node to answer', async () => {
    const first = open()
    await followerOf(first).step()
    chaos.seen.length = 0
    const second = open()
    await second.chain.open()
    expect(second.chain.past()!.view.block.hash).toBeDefined()
    expect(await second.chain.past()!.departments()).toEqual(
      await first.chain.past()!.departments(),
    )
    expect(await byFingerprint(second, digest('first 3'))).toMatchObject({
      places: [{ sequence: 1 }],
    })
    expect(chaos.seen).toEqual([])
    await department.anchor('second')
    await followerOf(second).step()
    const ranges = chaos.seen.filter((method) => method === 'eth_getLogs')
    expect(ranges.length).toBeLessThanOrEqual(2)
    expect((await second.chain.past()!.view.lastAnchor(department.issuer)).sequence).toBe(2)
    await collect(second)
  })

  test('a lying leaf file is refused and told, and taken once it is right', async () => {
    const registry = open()
    const fingerprint = await department.anchor('third')
    await followerOf(registry).step()
    const lies: ((body: Uint8Array) => Uint8Array)[] = [
      (body) => body.with(40, body[40]! ^ 1),
      (body) => body.slice(0, -32),
      (body) => new Uint8Array(body.length),
      (body) => new Uint8Array([...body.slice(32), ...body.slice(0, 32)]),
      () => department.files.get(1)!,
      () => new Uint8Array(),
    ]
    for (const lie of lies) {
      department.set((body) => lie(body))
      const { stored, faults } = await collect(registry)
      expect([stored, faults.map(({ sequence, code }) => [sequence, code])]).toEqual([
        0,
        [[3, 'mirror/wrong-leaves']],
      ])
      const found = await byFingerprint(registry, fingerprint)
      expect(found).toMatchObject({ places: [], isComplete: false })
    }
    department.set(() => 503)
    expect((await collect(registry)).faults[0]?.code).toBe('mirror/no-leaves')
    const nowhere = open(undefined, { sources: new Map() })
    await followerOf(nowhere).step()
    expect((await collect(nowhere)).faults[0]?.code).toBe('mirror/no-source')
    department.set((body) => body)
    expect((await collect(registry)).stored).toBe(1)
    expect((await byFingerprint(registry, fingerprint)).places).toHaveLength(1)
  })

  test('a store that cannot keep a file ends the round: that is no fault of a department', async () => {
    const broken: Registry['leaves'] = {
      ...store.leaves,
      kept: async () => [],
      put: async () => {
        throw new OutsideError('store/io')
      },
    }
    const registry = open(undefined, { leaves: broken })
    await followerOf(registry).step()
    await expect(collect(registry)).rejects.toMatchObject({ code: 'store/io' })
  })

  test('I4: what is asked of a department tells nothing of a certificate', async () => {
    expect(department.asked.length).toBeGreaterThan(0)
    for (const url of department.asked) {
      expect(url).toMatch(new RegExp(`^${source}/batches/${department.issuer}/[1-9][0-9]*/leaves$`))
    }
  })

  test('a stopped node is noticed, and what was read is answered still', async () => {
    const registry = open()
    const follower = followerOf(registry)
    await follower.step()
    const { head } = follower.now()
    chaos.set({ dropReply: () => true })
    const stopped = await follower.step()
    expect(stopped).toMatchObject({ state: 'stopped', code: 'chain/unreachable', head })
    expect((await byFingerprint(registry, digest('first 3'))).places).toHaveLength(1)
    chaos.set({})
    expect((await follower.step()).state).toBe('following')
  })

  test('a chain that stands still is noticed', async () => {
    const registry = open(undefined, { clock: () => new Date(Date.now() + 3_600_000) })
    expect((await followerOf(registry).step()).state).toBe('stalled')
    const patient = open(undefined, {
      clock: () => new Date(Date.now() + 3_600_000),
      stallMs: 86_400_000,
    })
    expect((await followerOf(patient).step()).state).toBe('following')
  })

  test('D9: a node that omits events is noticed, and nothing of its lie is kept', async () => {
    const registry = open()
    const follower = followerOf(registry)
    await follower.step()
    const before = await registry.chain.past()!.view.lastAnchor(department.issuer)
    await department.anchor('fourth')
    chaos.set({ lie: (method, result) => (method === 'eth_getLogs' ? [] : result) })
    expect(await follower.step()).toMatchObject({
      state: 'inconsistent',
      code: 'chain/inconsistent',
    })
    expect(await registry.chain.past()!.view.lastAnchor(department.issuer)).toEqual(before)
    chaos.set({})
    expect((await follower.step()).state).toBe('following')
    expect((await registry.chain.past()!.view.lastAnchor(department.issuer)).sequence).toBe(4)
  })

  test('a node that knows less than was read is noticed', async () => {
    const registry = open()
    const follower = followerOf(registry)
    await follower.step()
    const number = '0x1'
    const old = await chain.rpc.call('eth_getBlockByNumber', [number, false])
    chaos.set({
      lie: (method, result, [tag]) =>
        method === 'eth_getBlockByNumber' && tag === 'finalized' ? old : result,
    })
    expect(await follower.step()).toMatchObject({ state: 'behind', code: 'chain/behind' })
    expect((await registry.chain.past()!.view.lastAnchor(department.issuer)).sequence).toBe(4)
  })

  test('D8: another chain behind the same address is noticed, and what was read stays', async () => {
    const registry = open()
    const follower = followerOf(registry)
    await follower.step()
    chaos.set({ lie: (method, result) => (method === 'eth_chainId' ? '0x999' : result) })
    expect(await follower.step()).toMatchObject({
      state: 'wrong-chain',
      code: 'chain/wrong-chain',
    })
    expect((await byFingerprint(registry, digest('first 3'))).places).toHaveLength(1)
    const fresh = open()
    expect((await followerOf(fresh).step()).state).toBe('wrong-chain')
  })

  test('a set-up chain that is another one begins anew in the same store', async () => {
    const other: Deployment = {
      ...chain.deployment,
      identity: { ...chain.deployment.identity, genesisHash: `0x${'ab'.repeat(32)}` },
    }
    const registry = open(undefined, {}, other)
    await registry.chain.open()
    expect(registry.chain.past()).toBeUndefined()
  })
})

describe.skipIf(anvilBinary() === undefined)('a registry on a chain that falls back', () => {
  test('D7: it goes back with the chain, says so, and confirms no leaf of a lost batch', async () => {
    const chain = await startChain('anvil')
    const store = await openStore({ kind: 'memory' })
    const inner = new Rpc(chain.supervised!.inner()!.url)
    try {
      const { account } = await registerRoot(chain, 'sample civil affairs office', type)
      const department = sampleDepartment(chain, account)
      // Every block counts as final at once, so that a reorganisation reaches what was read.
      const deployment: Deployment = { ...chain.deployment, finality: { kind: 'depth', blocks: 0 } }
      const registry: Registry = {
        chain: new Mirror(chain.rpc, deployment, { journal: store.journal, freshMs: 0 }),
        leaves: store.leaves,
        fetch: department.fetch,
        sources: new Map([[department.issuer, source]]),
        clock: () => new Date(),
      }
      const follower = followerOf(registry)
      const kept = await department.anchor('kept')
      await follower.step()
      const lost = await department.anchor('lost')
      await follower.step()
      expect((await collect(registry)).stored).toBe(2)
      expect((await byFingerprint(registry, lost)).places).toHaveLength(1)
      const { block } = (await registry.chain.past()!.view.anchor(department.issuer, 2))!
      const newest = Number(await inner.call('eth_blockNumber', []))
      await inner.call('anvil_reorg', [newest - block + 1, []])
      expect(await follower.step()).toMatchObject({ state: 'reorganised', reorganisations: 1 })
      expect((await registry.chain.past()!.view.lastAnchor(department.issuer)).sequence).toBe(1)
      expect((await byFingerprint(registry, lost)).places).toEqual([])
      expect((await byFingerprint(registry, kept)).places).toHaveLength(1)
      const again = await department.anchor('other')
      await follower.step()
      expect(await collect(registry)).toEqual({ stored: 1, faults: [] })
      expect((await byFingerprint(registry, again)).places).toHaveLength(1)
      expect(await store.leaves.count()).toBe(32)
    } finally {
      inner.close()
      await store.close()
      await chain.close()
    }
  })
})
