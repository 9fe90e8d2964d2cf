import { sha256 } from '#primitives'
import { InputError } from '../errors.ts'
import { compareBytes } from '../primitives/bytes.ts'

/** Every batch is padded to this many leaves, so that a small one does not tell how few were issued. */
export const minimumSize = 16

/** Largest batch that proofs are made and accepted for. */
export const maximumSize = 2 ** 30

/** A batch's hashes, level by level: the leaves first, the root alone in the last; 32 bytes each. */
export type Tree = { readonly size: number; readonly levels: readonly Uint8Array[] }

/**
 * The leaf of one copy.
 *
 * @param fingerprint 32 bytes.
 * @returns 32 bytes, SHA-256(0x00 || fingerprint).
 * @see RFC 9162, section 2.1.1
 */
export function leafHash(fingerprint: Uint8Array): Uint8Array {
  if (fingerprint.length !== 32) throw new InputError('anchor/bad-leaf')
  const input = new Uint8Array(33)
  input.set(fingerprint, 1)
  return sha256(input)
}

/**
 * Puts leaves in ascending byte order, so that their place tells no sequence, padded to
 * {@link minimumSize}.
 *
 * @param leaves leaf hashes, 32 bytes each, in any order.
 * @param padding random 32-byte leaves; as many are used as are missing.
 * @returns the leaves one after another.
 * @throws {InputError} `anchor/empty-batch` without leaves, `anchor/bad-leaf` for another length or
 * too little padding, `anchor/duplicate-leaf` if a leaf stands twice.
 */
export function arrange(
  leaves: readonly Uint8Array[],
  padding: readonly Uint8Array[] = [],
): Uint8Array {
  if (leaves.length === 0) throw new InputError('anchor/empty-batch')
  const missing = Math.max(0, minimumSize - leaves.length)
  const all = missing === 0 ? leaves : [...leaves, ...padding.slice(0, missing)]
  if (all.length < minimumSize) throw new InputError('anchor/bad-leaf', { padding: padding.length })
  const heads = new Float64Array(all.length)
  for (const [at, leaf] of all.entries()) {
    if (leaf.length !== 32) throw new InputError('anchor/bad-leaf')
    heads[at] = head(leaf)
  }
  // Six bytes decide nearly always, and comparing numbers is several times faster than bytes.
  const order = new Uint32Array(all.length).map((_, at) => at)
  order.sort((a, b) => heads[a]! - heads[b]! || compareBytes(all[a]!, all[b]!))
  const arranged = new Uint8Array(all.length * 32)
  for (const [at, from] of order.entries()) arranged.set(all[from]!, at * 32)
  checkAscending(arranged)
  return arranged
}

/**
 * Builds every level of a batch's tree.
 *
 * @param leaves leaf hashes in ascending order, one after another, as {@link arrange} returns them.
 * @throws {InputError} `anchor/empty-batch`; `anchor/bad-leaf` if the length is no multiple of 32;
 * `anchor/duplicate-leaf` or `anchor/not-ascending` if the order is not strictly ascending.
 * @see RFC 9162, section 2.1.1; a lone last node is promoted, never doubled
 */
export function treeOf(leaves: Uint8Array): Tree {
  if (leaves.length === 0) throw new InputError('anchor/empty-batch')
  if (leaves.length % 32 !== 0 || leaves.length / 32 > maximumSize) {
    throw new InputError('anchor/bad-leaf', { bytes: leaves.length })
  }
  checkAscending(leaves)
  const levels = [leaves]
  let level = leaves
  while (level.length > 32) {
    level = parents(level)
    levels.push(level)
  }
  return { size: leaves.length / 32, levels }
}

/** The 32-byte root over arranged leaves; throws as {@link treeOf}. */
export function rootOf(leaves: Uint8Array): Uint8Array {
  return treeOf(leaves).levels.at(-1)!
}

/**
 * Where a leaf stands among arranged leaves.
 *
 * @returns its zero-based position, undefined if it is not there.
 */
export function positionOf(leaves: Uint8Array, leaf: Uint8Array): number | undefined {
  let low = 0
  let high = leaves.length / 32
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareBytes(leaves.subarray(middle * 32, middle * 32 + 32), leaf)
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

const nodeInput = new Uint8Array(65)
nodeInput[0] = 1

/** An inner node of two 32-byte hashes, SHA-256(0x01 || left || right); RFC 9162, section 2.1.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  // Written over whole each time: memory of its own would cost as much as the hash.
  nodeInput.set(left, 1)
  nodeInput.set(right, 33)
  return sha256(nodeInput)
}

function parents(level: Uint8Array): Uint8Array {
  const count = level.length / 32
  const above = new Uint8Array(Math.ceil(count / 2) * 32)
  const input = new Uint8Array(65)
  input[0] = 1
  for (let pair = 0; pair < count >>> 1; pair += 1) {
    input.set(level.subarray(pair * 64, pair * 64 + 64), 1)
    above.set(sha256(input), pair * 32)
  }
  if (count % 2 === 1) above.set(level.subarray(-32), above.length - 32)
  return above
}

function checkAscending(leaves: Uint8Array): void {
  for (let at = 32; at < leaves.length; at += 32) {
    let byte = 0
    while (byte < 32 && leaves[at - 32 + byte] === leaves[at + byte]) byte += 1
    if (byte === 32) throw new InputError('anchor/duplicate-leaf', { index: at / 32 })
    if (leaves[at - 32 + byte]! > leaves[at + byte]!) {
      throw new InputError('anchor/not-ascending', { index: at / 32 })
    }
  }
}

function head(leaf: Uint8Array): number {
  let value = 0
  for (let at = 0; at < 6; at += 1) value = value * 256 + leaf[at]!
  return value
}
