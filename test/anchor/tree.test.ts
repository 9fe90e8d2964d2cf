import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { arrange, leafHash, positionOf, rootOf, treeOf } from '../../src/anchor/tree.ts'
import { codeOf, fingerprintOf, leafAt, sampleLeaves } from './leaves.ts'

const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 9162 section 2.1.1 as it is written: top down, split at the largest power of two below n. */
function written(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha(Uint8Array.of(1), written(leaves.slice(0, k)), written(leaves.slice(k)))
}

describe('the tree of a batch', () => {
  test('a leaf is SHA-256 of a zero byte and the fingerprint', () => {
    const fingerprint = fingerprintOf(1)
    expect(Buffer.from(leafHash(fingerprint))).toEqual(sha(Uint8Array.of(0), fingerprint))
    expect(codeOf(() => leafHash(fingerprint.subarray(1)))).toBe('anchor/bad-leaf')
  })

  test('D14: every size from 1 to 1,100 has the root that RFC 9162 defines', () => {
    for (let size = 1; size <= 1_100; size += 1) {
      const leaves = sampleLeaves(size)
      const split = Array.from({ length: size }, (_, at) => leafAt(leaves, at))
      expect(Buffer.from(rootOf(leaves)).equals(Buffer.from(written(split))), `${size}`).toBe(true)
    }
  })

  test('D14: an empty batch is refused', () => {
    expect(codeOf(() => arrange([]))).toBe('anchor/empty-batch')
    expect(codeOf(() => treeOf(new Uint8Array(0)))).toBe('anchor/empty-batch')
  })

  test('a small batch is padded to sixteen, and one without enough padding refused', () => {
    const leaves = [1, 2, 3].map((n) => leafHash(fingerprintOf(n)))
    const padding = Array.from({ length: 16 }, (_, n) => fingerprintOf(n, 'padding'))
    const arranged = arrange(leaves, padding)
    expect(arranged.length).toBe(16 * 32)
    expect(leaves.every((leaf) => positionOf(arranged, leaf) !== undefined)).toBe(true)
    expect(padding.filter((leaf) => positionOf(arranged, leaf) !== undefined).length).toBe(13)
    expect(codeOf(() => arrange(leaves, padding.slice(0, 12)))).toBe('anchor/bad-leaf')
  })

  test('the order of leaves tells nothing of the order of issue', () => {
    const leaves = Array.from({ length: 500 }, (_, n) => leafHash(fingerprintOf(n)))
    const arranged = arrange(leaves)
    expect(arranged).toEqual(arrange(leaves.toReversed()))
    const sorted = leaves.map((leaf) => Buffer.from(leaf).toString('hex')).sort()
    expect(Buffer.from(arranged).toString('hex')).toBe(sorted.join(''))
    leaves.slice(0, 20).forEach((leaf) => {
      expect(leafAt(arranged, positionOf(arranged, leaf)!)).toEqual(leaf)
    })
    expect(positionOf(arranged, fingerprintOf(1))).toBeUndefined()
  })

  test('D12: a leaf that stands twice is refused, and a lone last leaf is not doubled', () => {
    const leaves = Array.from({ length: 17 }, (_, n) => leafHash(fingerprintOf(n)))
    expect(codeOf(() => arrange([...leaves, leaves[3]!]))).toBe('anchor/duplicate-leaf')
    const arranged = arrange(leaves)
    const doubled = Buffer.concat([arranged, leafAt(arranged, 16)])
    expect(codeOf(() => treeOf(new Uint8Array(doubled)))).toBe('anchor/duplicate-leaf')
  })

  test('leaves out of order or of a wrong length are refused', () => {
    const leaves = sampleLeaves(20)
    const swapped = new Uint8Array(Buffer.concat([leaves.subarray(32, 64), leaves.subarray(0, 32)]))
    expect(codeOf(() => treeOf(swapped))).toBe('anchor/not-ascending')
    expect(codeOf(() => treeOf(leaves.subarray(1)))).toBe('anchor/bad-leaf')
    expect(codeOf(() => arrange(Array(16).fill(new Uint8Array(31))))).toBe('anchor/bad-leaf')
  })

  test('D14: a hundred thousand leaves keep their order and their root', () => {
    const leaves = sampleLeaves(100_000)
    const tree = treeOf(leaves)
    expect(tree.levels.length).toBe(18)
    expect(tree.levels.at(-1)!.length).toBe(32)
  })
})
