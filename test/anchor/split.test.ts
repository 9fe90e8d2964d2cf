import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pathOf } from '../../src/anchor/proof.ts'
import { partSize, pathThrough, splitLeaves, topTree } from '../../src/anchor/split.ts'
import { arrange, rootOf, treeOf } from '../../src/anchor/tree.ts'
import { refusal } from '../support/refusal.ts'

function sample(size: number): Uint8Array {
  return arrange(
    Array.from(
      { length: size },
      (_, at) => new Uint8Array(createHash('sha256').update(`leaf ${size} ${at}`).digest()),
    ),
  )
}

describe('a batch in parts', () => {
  test('the nodes above the parts lead to the root of the whole, for every size from 16 to 400', () => {
    for (let size = 16; size <= 400; size += 1) {
      const leaves = sample(size)
      expect(topTree(splitLeaves(leaves).tops).levels.at(-1)).toEqual(rootOf(leaves))
    }
  })

  test('each path is that of the whole tree', () => {
    for (const size of [16, 63, 64, 65, 128, 129, 191, 193, 513, 1000]) {
      const leaves = sample(size)
      const tree = treeOf(leaves)
      const { parts, tops } = splitLeaves(leaves)
      const above = topTree(tops)
      for (let index = 0; index < size; index += 1) {
        const part = parts[Math.floor(index / partSize)]!
        expect(pathThrough(part, above, index)).toEqual(pathOf(tree, index))
      }
    }
  })

  test('a position outside the part is refused, and so is a batch without parts', () => {
    const { parts, tops } = splitLeaves(sample(70))
    expect(refusal(() => pathThrough(parts[1]!, topTree(tops), 70))).toBe('anchor/bad-path')
    expect(refusal(() => topTree(new Uint8Array()))).toBe('anchor/empty-batch')
  })
})
