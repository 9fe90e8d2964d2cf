import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathLength, pathOf, rootFromProof } from '../../src/anchor/proof.ts'
import { rootOf, treeOf } from '../../src/anchor/tree.ts'
import { codeOf, leafAt, sampleLeaves } from './leaves.ts'

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

function accepted(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  try {
    return equal(rootFromProof(leaf, index, size, path), root)
  } catch (error) {
    expect((error as { code: string }).code).toBe('anchor/bad-path')
    return false
  }
}

describe('the proof that a leaf stands in a batch', () => {
  test('D14: every leaf of every size from 1 to 200 is proven', () => {
    for (let size = 1; size <= 200; size += 1) {
      const leaves = sampleLeaves(size)
      const tree = treeOf(leaves)
      const root = rootOf(leaves)
      for (let index = 0; index < size; index += 1) {
        const path = pathOf(tree, index)
        expect(path.length).toBe(pathLength(index, size))
        expect(accepted(leafAt(leaves, index), index, size, path, root)).toBe(true)
      }
    }
  })

  test('D14: sizes around powers of two, up to a hundred thousand', () => {
    for (const size of [1023, 1024, 1025, 65_535, 65_537, 100_000]) {
      const leaves = sampleLeaves(size)
      const tree = treeOf(leaves)
      for (const index of [0, 1, size >> 1, size - 2, size - 1]) {
        const path = pathOf(tree, index)
        expect(accepted(leafAt(leaves, index), index, size, path, rootOf(leaves))).toBe(true)
      }
    }
  })

  test('D11: no inner node passes as a leaf', () => {
    for (let size = 2; size <= 64; size += 1) {
      const { levels } = treeOf(sampleLeaves(size))
      const root = levels.at(-1)!
      for (const [height, level] of levels.entries()) {
        if (height === 0) continue
        for (let at = 0; at < level.length / 32; at += 1) {
          const node = leafAt(level, at)
          // A promoted leaf stands in upper levels as itself; an inner node is none of the leaves.
          if (
            levels[0]!.some(
              (_, byte) => byte % 32 === 0 && equal(leafAt(levels[0]!, byte / 32), node),
            )
          )
            continue
          const upper = { size: level.length / 32, levels: levels.slice(height) }
          const path = pathOf(upper, at)
          for (let index = 0; index < size; index += 1) {
            expect(accepted(node, index, size, path, root)).toBe(false)
          }
        }
      }
    }
  })

  test('D13: a hundred thousand changed proofs are refused', () => {
    const trees = [16, 17, 31, 100, 129].map((size) => treeOf(sampleLeaves(size)))
    const kinds = ['bit', 'longer', 'shorter', 'swap', 'index', 'size', 'leaf', 'bytes'] as const
    const change = fc.record({
      tree: fc.constantFrom(...trees),
      index: fc.nat(),
      kind: fc.constantFrom(...kinds),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    })
    let refused = 0
    fc.assert(
      fc.property(change, ({ tree, index: any, kind, at, by }) => {
        const index = any % tree.size
        const leaf = leafAt(tree.levels[0]!, index)
        const path = pathOf(tree, index)
        const root = tree.levels.at(-1)!
        const flip = (bytes: Uint8Array) =>
          bytes.map((byte, n) => (n === at % 32 ? byte ^ by : byte))
        const spot = at % path.length
        const changed = {
          bit: () => accepted(leaf, index, tree.size, path.with(spot, flip(path[spot]!)), root),
          longer: () =>
            accepted(leaf, index, tree.size, path.toSpliced(spot, 0, path[spot]!), root),
          shorter: () => accepted(leaf, index, tree.size, path.toSpliced(spot, 1), root),
          swap: () => {
            const other = (spot + 1) % path.length
            const swapped = path.with(spot, path[other]!).with(other, path[spot]!)
            return other !== spot && accepted(leaf, index, tree.size, swapped, root)
          },
          index: () =>
            accepted(leaf, (index + by) % (2 * tree.size), tree.size, path, root) &&
            by % (2 * tree.size) !== 0,
          size: () => {
            const size = Math.max(1, tree.size + by - 128)
            // Sizes that give this position the same turns are the same proof of the same place.
            return sameTurns(index, size, tree.size)
              ? false
              : accepted(leaf, index, size, path, root)
          },
          leaf: () => accepted(flip(leaf), index, tree.size, path, root),
          bytes: () =>
            accepted(leaf, index, tree.size, path.with(spot, path[spot]!.subarray(1)), root),
        }[kind]()
        expect(changed, kind).toBe(false)
        refused += 1
      }),
      { numRuns: 100_000, seed: 20261122 },
    )
    expect(refused).toBe(100_000)
  })

  test('a position outside the batch, a fraction and a size of zero are refused', () => {
    const tree = treeOf(sampleLeaves(20))
    const leaf = leafAt(tree.levels[0]!, 0)
    const path = pathOf(tree, 0)
    const positions = [
      [20, 20],
      [-1, 20],
      [0.5, 20],
      [0, 0],
      [0, 2 ** 31],
      [0, Number.NaN],
    ] as const
    for (const [index, size] of positions) {
      expect(codeOf(() => rootFromProof(leaf, index, size, path))).toBe('anchor/bad-path')
    }
    expect(codeOf(() => pathOf(tree, 20))).toBe('anchor/bad-path')
  })
})

function sameTurns(index: number, one: number, other: number): boolean {
  const turns = (size: number) => {
    const way: string[] = []
    for (let at = index, last = size - 1; last > 0; at >>>= 1, last >>>= 1) {
      if (at % 2 === 1) way.push('right')
      else if (at < last) way.push('left')
    }
    return way.join()
  }
  return index < one && turns(one) === turns(other)
}
