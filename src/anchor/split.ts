import { InputError } from '../errors.ts'
import { pathOf } from './proof.ts'
import { nodeHash, type Tree, treeOf } from './tree.ts'

/** Leaves in one part of a batch; a power of two, so that a part is a whole subtree. */
export const partSize = 64

/**
 * Cuts a batch into parts whose subtrees have a node of their own, so that a proof is made from one part
 * and the nodes above instead of from all leaves.
 *
 * @param leaves arranged leaves, see `arrange`.
 * @returns the parts, and the 32-byte root of each, one after another.
 * @throws {InputError} as `treeOf`
 */
export function splitLeaves(leaves: Uint8Array): { parts: Uint8Array[]; tops: Uint8Array } {
  const count = Math.ceil(leaves.length / 32 / partSize)
  const tops = new Uint8Array(count * 32)
  const parts = Array.from({ length: count }, (_, at) => {
    const part = leaves.subarray(at * partSize * 32, (at + 1) * partSize * 32)
    tops.set(treeOf(part).levels.at(-1)!, at * 32)
    return part
  })
  return { parts, tops }
}

/**
 * The levels above the parts; the last is the batch's root.
 *
 * @throws {InputError} `anchor/empty-batch`
 */
export function topTree(tops: Uint8Array): Tree {
  if (tops.length === 0) throw new InputError('anchor/empty-batch')
  const levels = [tops]
  for (let level = tops; level.length > 32; levels.push(level)) level = above(level)
  return { size: tops.length / 32, levels }
}

/**
 * A leaf's path to the root of its batch, the same as `pathOf` makes from the whole tree.
 *
 * @param part the part that holds the leaf.
 * @param index the leaf's zero-based position in the batch.
 * @throws {InputError} `anchor/bad-path` if it does not lie in the part.
 */
export function pathThrough(part: Uint8Array, tops: Tree, index: number): Uint8Array[] {
  const within = pathOf(treeOf(part), index % partSize)
  return [...within, ...pathOf(tops, Math.floor(index / partSize))]
}

function above(level: Uint8Array): Uint8Array {
  const count = level.length / 32
  const next = new Uint8Array(Math.ceil(count / 2) * 32)
  for (let at = 0; at + 1 < count; at += 2) {
    const left = level.subarray(at * 32, at * 32 + 32)
    next.set(nodeHash(left, level.subarray(at * 32 + 32, at * 32 + 64)), at * 16)
  }
  // A lone last node is promoted (RFC 9162, section 2.1.1).
  if (count % 2 === 1) next.set(level.subarray(-32), next.length - 32)
  return next
}
