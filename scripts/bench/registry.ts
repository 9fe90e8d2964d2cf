import { randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openStore } from '../../src/adapters/storage/openStore.ts'
import { arrange, rootOf } from '../../src/anchor/tree.ts'
import type { LeafStore } from '../../src/ports/mirror.ts'
import { hex } from '../../src/primitives/bytes.ts'

/**
 * Fills a registry's store on SQLite and looks leaves up: `node scripts/bench/registry.ts --leaves 10000000
 * --batch 10000`. Milliseconds go to standard output; the store is removed at the end.
 */
const { values } = parseArgs({
  options: {
    leaves: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '10000' },
    lookups: { type: 'string', default: '2000' },
  },
})
const [leaves, batch, lookups] = [values.leaves, values.batch, values.lookups].map(Number) as [
  number,
  number,
  number,
]

const folder = mkdtempSync(join(tmpdir(), 'weir-registry-bench-'))
const path = join(folder, 'store.sqlite')
const store = await openStore({ kind: 'sqlite', path })
try {
  const known: Uint8Array[] = []
  const filling = performance.now()
  for (let sequence = 1; (sequence - 1) * batch < leaves; sequence += 1) {
    known.push(await fill(store.leaves, sequence))
    if (sequence % 100 === 0) process.stderr.write(`${sequence * batch} leaves\n`)
  }
  const seconds = (performance.now() - filling) / 1000
  const hits = await timed(known, (leaf) => found(store.leaves, leaf))
  const misses = await timed(known, () => found(store.leaves, random(32)), 0)
  const bits = Math.floor(Math.log2(leaves / 384))
  const prefixes = await timed(known, () => prefixOf(store.leaves, bits))
  const proven256 = await timed(known, () => prefixOf(store.leaves, bits, 'proofs'))
  const proofs = await timed(known, (leaf) => proven(store.leaves, leaf))
  console.log(
    JSON.stringify(
      {
        leaves: await store.leaves.count(),
        batch,
        fillSeconds: Math.round(seconds),
        leavesPerSecond: Math.round(leaves / seconds),
        megabytes: Math.round(statSync(path).size / 1e6),
        rssMegabytes: Math.round(process.memoryUsage().rss / 1e6),
        milliseconds: {
          hit: hits,
          miss: misses,
          prefix: prefixes,
          provenPrefix: proven256,
          proof: proofs,
        },
      },
      null,
      1,
    ),
  )
} finally {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}

function random(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length))
}

async function fill(store: LeafStore, sequence: number): Promise<Uint8Array> {
  const all = random(32 * batch)
  const arranged = arrange(
    Array.from({ length: batch }, (_, at) => all.subarray(at * 32, at * 32 + 32)),
  )
  const root = `0x${hex(rootOf(arranged))}`
  await store.put({ issuer: `0x${'a1'.repeat(20)}`, sequence, root, leaves: arranged })
  const at = Math.floor(Math.random() * batch)
  return arranged.slice(at * 32, at * 32 + 32)
}

async function found(store: LeafStore, leaf: Uint8Array): Promise<number> {
  const value = Number.parseInt(hex(leaf.subarray(0, 6)), 16)
  return (await store.range({ bits: 48, value }, 8)).length
}

async function prefixOf(
  store: LeafStore,
  bits: number,
  what: 'range' | 'proofs' = 'range',
): Promise<number> {
  const value = Math.floor(Math.random() * 2 ** bits)
  return (await store[what]({ bits, value }, 4096)).length
}

async function proven(store: LeafStore, leaf: Uint8Array): Promise<number> {
  const value = Number.parseInt(hex(leaf.subarray(0, 6)), 16)
  const [place] = await store.proofs({ bits: 48, value }, 8)
  return place!.path.length
}

async function timed(
  known: readonly Uint8Array[],
  work: (leaf: Uint8Array) => Promise<number>,
  least = 1,
): Promise<{ p50: number; p99: number; most: number }> {
  const times: number[] = []
  for (let i = 0; i < lookups; i += 1) {
    const leaf = known[Math.floor(Math.random() * known.length)]!
    const start = performance.now()
    const count = await work(leaf)
    times.push(performance.now() - start)
    if (count < least) throw new Error('a leaf that was put was not found')
  }
  times.sort((a, b) => a - b)
  const at = (share: number) =>
    Number((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(3))
  return { p50: at(0.5), p99: at(0.99), most: at(1) }
}
