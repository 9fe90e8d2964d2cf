import { beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { rootFromProof } from '../../src/anchor/proof.ts'
import { arrange, leafHash, rootOf } from '../../src/anchor/tree.ts'
import type { Chain, LeafReader } from '../../src/ports/chain.ts'
import type { Fetch } from '../../src/ports/fetch.ts'
import type { LeafFile } from '../../src/ports/mirror.ts'
import { hex } from '../../src/primitives/bytes.ts'
import { registryLeaves } from '../../src/registry/client.ts'
import type { Registry } from '../../src/registry/model.ts'
import { runRegistry } from '../../src/registry/run.ts'
import { registryApp } from '../../src/services/registry/app.ts'
import { digest, issuer } from '../suites/samples.ts'

const batchSize = 1024
const batches = 8
const block = { number: 9, hash: `0x${'cd'.repeat(32)}`, time: new Date('2026-11-22T08:00:00Z') }
const chainId = 0xabc

/** A registry node over batches that a sample chain knows, and what it was asked. */
async function sampleNode() {
  const store = await openStore({ kind: 'memory' })
  const files: LeafFile[] = []
  for (let sequence = 1; sequence <= batches; sequence += 1) {
    const fingerprints = Array.from({ length: batchSize }, (_, at) => digest(`${sequence} ${at}`))
    const leaves = arrange(fingerprints.map(leafHash))
    files.push({ issuer, sequence, root: `0x${hex(rootOf(leaves))}`, leaves })
    await store.leaves.put(files.at(-1)!)
  }
  const anchor = async (by: string, sequence: number) => {
    const file = by === issuer ? files[sequence - 1] : undefined
    return (
      file && {
        issuer,
        sequence,
        previous: '',
        root: file.root,
        size: batchSize,
        block: 1,
        time: block.time,
      }
    )
  }
  const view = { block, anchor }
  const past = { view, departments: async () => [issuer], anchors: async () => [] }
  const chain = {
    identity: { chainId, genesisHash: block.hash },
    past: () => past,
    reorganisations: 0,
  }
  const registry = {
    chain,
    leaves: store.leaves,
    sources: new Map(),
    clock: () => block.time,
  } as unknown as Registry
  const app = registryApp({
    registry,
    running: runRegistry(registry),
    types: [],
    baseUrl: new URL('http://127.0.0.1:4100'),
  })
  return { app, chain: { view: async () => view } as unknown as Chain }
}

describe('asking a registry node for a proof without naming the certificate', () => {
  let node: Awaited<ReturnType<typeof sampleNode>>
  let asked: string[]

  // biome-ignore lint/suspicious/noExplicitAny: lies change whatever they like
  type Lie = (body: any, url: URL) => unknown
  const reader = (lie: Lie = (body) => body): LeafReader => {
    asked = []
    const fetch: Fetch = async ({ url }) => {
      asked.push(url)
      const answer = await node.app.request(url.replace('http://127.0.0.1:4100', ''))
      const body = lie(await answer.json(), new URL(url))
      return {
        status: answer.status,
        headers: {},
        body: new TextEncoder().encode(JSON.stringify(body)),
      }
    }
    return registryLeaves({ fetch, url: 'http://127.0.0.1:4100', chain: node.chain })
  }
  const refused = async (lie: Lie) => {
    try {
      await reader(lie).proof(issuer, digest('3 5'))
    } catch (error) {
      return (error as { code: string }).code
    }
    return undefined
  }

  beforeAll(async () => {
    node = await sampleNode()
  })

  test('the proof leads from the fingerprint to the anchored root', async () => {
    const fingerprint = digest('3 5')
    const proof = (await reader().proof(issuer, fingerprint))!
    expect(proof.sequence).toBe(3)
    const { index, size, path } = proof
    const root = `0x${hex(rootFromProof(leafHash(fingerprint), index, size, path))}`
    expect(root).toBe((await (await node.chain.view()).anchor(issuer, 3))!.root)
  })

  test('a fingerprint that is in no batch, or another department’s, has no proof', async () => {
    expect(await reader().proof(issuer, digest('nothing'))).toBeUndefined()
    expect(await reader().proof(`0x${'00'.repeat(20)}`, digest('3 5'))).toBeUndefined()
  })

  test('I4: the node is told four bits of a leaf, which 256 others share, and no fingerprint', async () => {
    const fingerprint = digest('3 5')
    await reader().proof(issuer, fingerprint)
    const prefixes = asked.flatMap((url) => new URL(url).searchParams.get('prefix') ?? [])
    // 8192 leaves: 2^4 parts of about 512. The first is a stranger's, by which the node shows its crowd.
    expect(prefixes).toHaveLength(2)
    expect(prefixes.at(-1)).toBe(hex(leafHash(fingerprint)).slice(0, 1))
    for (const url of asked) {
      expect(url).not.toContain(hex(fingerprint).slice(0, 8))
      expect(url).not.toContain(hex(leafHash(fingerprint)).slice(0, 4))
    }
  })

  test('I4: a node that asks for more bits than its crowd allows is told none of ours', async () => {
    const greedy: Lie = (body, url) =>
      url.searchParams.has('prefix') ? body : { ...body, bits: 12 }
    expect(await refused(greedy)).toBe('mirror/bad-answer')
    expect(asked).toHaveLength(2)
    const ours = hex(leafHash(digest('3 5'))).slice(0, 3)
    expect(new URL(asked[1]!).searchParams.get('prefix')).not.toBe(ours)
    expect(await refused((body) => ({ ...body, bits: 17 }))).toBe('credential/bad-claim')
  })

  test('I4: a crowd that was made up is seen by its roots', async () => {
    const madeUp: Lie = (body, url) => {
      if (!url.searchParams.has('prefix')) return { ...body, bits: 8 }
      const prefix = url.searchParams.get('prefix')!
      const proof = { sequence: 1, index: 0, size: 1024, path: Array(10).fill('00'.repeat(32)) }
      const leaves = Array.from({ length: 256 }, (_, at) => ({
        leaf: `${prefix}${at.toString(16).padStart(62, '0')}`,
        issuer: `did:ethr:0x${chainId.toString(16)}:${issuer}`,
        proof,
      }))
      return { ...body, leaves }
    }
    const honest = node.app
    // Whatever is asked, the liar answers with status 200.
    node = {
      ...node,
      app: { request: async () => new Response('{}') } as unknown as typeof honest,
    }
    expect(await refused(madeUp)).toBe('mirror/wrong-leaves')
    expect(
      await refused((body, url) => {
        const made = madeUp(body, url) as { leaves?: unknown[] }
        return { ...made, leaves: made.leaves?.slice(0, 255) }
      }),
    ).toBe('mirror/prefix-too-long')
    node = { ...node, app: honest }
  })

  test('leaves of another prefix, and answers that are none, are refused', async () => {
    expect(
      await refused((body) => ({
        ...body,
        leaves: body.leaves?.map((one: { leaf: string }) => ({ ...one, leaf: 'ff'.repeat(32) })),
      })),
    ).toBe('mirror/other-subject')
    for (const lie of [
      () => ({}),
      () => [],
      (body: object) => ({ ...body, bits: 'many' }),
      (body: object) => ({ ...body, leaves: 'none' }),
      (body: { leaves?: object[] }) => ({
        ...body,
        leaves: body.leaves?.map((one) => ({ ...one, proof: { path: [] } })),
      }),
    ] as Lie[]) {
      expect(['mirror/bad-answer', 'credential/bad-claim']).toContain(await refused(lie))
    }
  })
})
