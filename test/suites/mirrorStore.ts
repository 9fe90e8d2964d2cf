import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { pathOf, rootFromProof } from '../../src/anchor/proof.ts'
import { arrange, rootOf, treeOf } from '../../src/anchor/tree.ts'
import type { ChainStep, LeafFile } from '../../src/ports/mirror.ts'
import { hex } from '../../src/primitives/bytes.ts'
import { issuer, otherIssuer } from './samples.ts'

/** A leaf file of `size` leaves, always the same for one name. */
export function leafFile(name: string, sequence: number, size: number, by = issuer): LeafFile {
  const leaves = arrange(
    Array.from(
      { length: size },
      (_, at) => new Uint8Array(createHash('sha256').update(`${name} ${at}`).digest()),
    ),
  )
  return { issuer: by, sequence, root: `0x${hex(rootOf(leaves))}`, leaves }
}

const all = { bits: 0, value: 0 }
const first = (leaves: Uint8Array, at: number) => leaves.slice(at * 32, at * 32 + 32)

/** What every LeafStore and ChainJournal promises, each test on an empty store. */
export function mirrorStoreSuite(open: () => Promise<Store>): void {
  describe('leaf store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('a leaf file comes back byte for byte, whatever its size', async () => {
      const sizes = [16, 63 + 1, 65, 200, 256]
      for (const [at, size] of sizes.entries()) {
        await store.leaves.put(leafFile(`a${size}`, at + 1, size))
      }
      for (const [at, size] of sizes.entries()) {
        const file = leafFile(`a${size}`, at + 1, size)
        expect(await store.leaves.file(issuer, at + 1)).toEqual(file)
      }
      expect(await store.leaves.file(issuer, 9)).toBeUndefined()
      expect(await store.leaves.file(otherIssuer, 1)).toBeUndefined()
      expect(await store.leaves.count()).toBe(sizes.reduce((sum, size) => sum + size))
    })

    test('batches of an issuer are listed in order, those of others not', async () => {
      for (const sequence of [3, 1, 2]) await store.leaves.put(leafFile('b', sequence, 16))
      await store.leaves.put(leafFile('c', 4, 16, otherIssuer))
      const { root } = leafFile('b', 2, 16)
      expect(await store.leaves.kept(issuer, 1, 1)).toEqual([{ sequence: 2, root, size: 16 }])
      expect((await store.leaves.kept(issuer, 0, 10)).map(({ sequence }) => sequence)).toEqual([
        1, 2, 3,
      ])
    })

    test('leaves are found by their first bits, in ascending order over all batches', async () => {
      const files = [leafFile('d', 1, 200), leafFile('e', 1, 130, otherIssuer)]
      for (const file of files) await store.leaves.put(file)
      const every = files
        .flatMap(({ leaves }) =>
          Array.from({ length: leaves.length / 32 }, (_, at) => hex(first(leaves, at))),
        )
        .sort()
      const found = await store.leaves.range(all, 1000)
      expect(found.map(({ leaf }) => hex(leaf))).toEqual(every)
      const some = await store.leaves.range({ bits: 5, value: 0b10110 }, 1000)
      const wanted = every.filter((leaf) => Number.parseInt(leaf.slice(0, 2), 16) >> 3 === 0b10110)
      expect(some.map(({ leaf }) => hex(leaf))).toEqual(wanted)
      expect(wanted.length).toBeGreaterThan(0)
      expect(await store.leaves.range(all, 3)).toHaveLength(3)
    })

    test('a leaf is found by its first 48 bits, with its place', async () => {
      const file = leafFile('f', 7, 100)
      await store.leaves.put(file)
      const leaf = first(file.leaves, 70)
      const value = Number.parseInt(hex(leaf).slice(0, 12), 16)
      const { root } = file
      expect(await store.leaves.range({ bits: 48, value }, 10)).toEqual([
        { issuer, sequence: 7, root, size: 100, index: 70, leaf },
      ])
      const other = value === 0 ? 1 : value - 1
      expect(await store.leaves.range({ bits: 48, value: other }, 10)).toEqual([])
    })

    test('paths are those of the whole tree and lead to the root', async () => {
      for (const [at, size] of [16, 64, 65, 127, 129, 321].entries()) {
        const file = leafFile(`g${size}`, at + 1, size)
        await store.leaves.put(file)
        const tree = treeOf(file.leaves)
        for (const index of [0, 15, size >> 1, size - 2, size - 1]) {
          const { root, sequence } = file
          const leaf = first(file.leaves, index)
          const value = Number.parseInt(hex(leaf).slice(0, 12), 16)
          const [proven] = await store.leaves.proofs({ bits: 48, value }, 10)
          const path = pathOf(tree, index)
          expect(proven).toEqual({ issuer, sequence, root, size, index, leaf, path })
          expect(`0x${hex(rootFromProof(leaf, index, size, proven!.path))}`).toBe(root)
        }
      }
    })

    test('a batch with another root replaces the one kept, and its leaves are gone', async () => {
      const before = leafFile('h', 1, 80)
      const after = leafFile('i', 1, 64)
      await store.leaves.put(before)
      await store.leaves.put(before)
      expect(await store.leaves.count()).toBe(80)
      await store.leaves.put(after)
      expect(await store.leaves.count()).toBe(64)
      expect(await store.leaves.file(issuer, 1)).toEqual(after)
      const found = await store.leaves.range(all, 1000)
      expect(found.map(({ root }) => root)).toEqual(Array(64).fill(after.root))
      expect(await store.leaves.proofs(all, 1000)).toHaveLength(64)
    })
  })

  describe('chain journal', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const step = (number: number, isBack = false): ChainStep => ({
      head: {
        number,
        hash: `0x${String(number).padStart(64, '0')}`,
        time: new Date(1_700_000_000_000 + 1000 * number),
      },
      events: isBack
        ? []
        : [
            {
              block: number,
              seconds: 1_700_000_000 + number,
              transactionIndex: 0,
              logIndex: 2,
              contract: 'anchorRegistry',
              name: 'Anchored',
              args: { issuer, size: '16' },
            },
          ],
      isBack,
    })

    test('steps come back in the order in which they were noted, each chain its own', async () => {
      await store.journal.append('one', step(5))
      await store.journal.append('two', step(9))
      await store.journal.append('one', step(8))
      await store.journal.append('one', step(5, true))
      expect(await store.journal.steps('one')).toEqual([step(5), step(8), step(5, true)])
      expect(await store.journal.steps('two')).toEqual([step(9)])
      expect(await store.journal.steps('three')).toEqual([])
    })

    test('a chain that is forgotten begins anew, the others stay', async () => {
      await store.journal.append('one', step(5))
      await store.journal.append('two', step(9))
      await store.journal.clear('one')
      expect(await store.journal.steps('one')).toEqual([])
      await store.journal.append('one', step(6))
      expect(await store.journal.steps('one')).toEqual([step(6)])
      expect(await store.journal.steps('two')).toEqual([step(9)])
    })
  })
}
