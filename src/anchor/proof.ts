import { InputError } from '../errors.ts'
import { maximumSize, nodeHash, type Tree } from './tree.ts'

/**
 * The path from a leaf to the root.
 *
 * @param index zero-based position, `0 <= index < tree.size`.
 * @returns sibling hashes, 32 bytes each, leaf level first.
 * @throws {InputError} `anchor/bad-path` if there is no such position.
 * @see RFC 9162, section 2.1.3.1
 */
export function pathOf(tree: Tree, index: number): Uint8Array[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) {
    throw new InputError('anchor/bad-path', { index, size: tree.size })
  }
  const path: Uint8Array[] = []
  let at = index
  for (const level of tree.levels.slice(0, -1)) {
    const sibling = (at ^ 1) * 32
    // A lone last node has no sibling: it is promoted.
    if (sibling < level.length) path.push(level.slice(sibling, sibling + 32))
    at >>>= 1
  }
  return path
}

/**
 * How many hashes a path has; no other length is accepted.
 *
 * @throws {InputError} `anchor/bad-path` if `index` does not lie in a batch of `size`.
 */
export function pathLength(index: number, size: number): number {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) {
    throw new InputError('anchor/bad-path')
  }
  if (index < 0 || index >= size || size > maximumSize) throw new InputError('anchor/bad-path')
  let length = 0
  for (let at = index, last = size - 1; last > 0; at >>>= 1, last >>>= 1) {
    if (at < last || at % 2 === 1) length += 1
  }
  return length
}

/**
 * Rebuilds a batch root from one leaf and its path.
 *
 * @param leaf 32-byte leaf hash, see `leafHash`.
 * @param index zero-based position in the batch, `0 <= index < size`.
 * @param size number of leaves in the batch.
 * @param path sibling hashes, 32 bytes each, leaf level first.
 * @returns the 32-byte root; compare it with the anchored one, this function does not.
 * @throws {InputError} `anchor/bad-path` if the path's length does not fit `index` and `size`.
 * @see RFC 9162, section 2.1.3.2
 */
export function rootFromProof(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array {
  if (path.length !== pathLength(index, size)) {
    throw new InputError('anchor/bad-path', { index, size, length: path.length })
  }
  if (leaf.length !== 32 || path.some((hash) => hash.length !== 32)) {
    throw new InputError('anchor/bad-path')
  }
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    // Levels on which this node is the lone last one have no sibling (step 4.2.2 of the section).
    while (at % 2 === 0 && at === last) {
      at >>>= 1
      last >>>= 1
    }
    hash = at % 2 === 1 ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    at >>>= 1
    last >>>= 1
  }
  return hash
}
