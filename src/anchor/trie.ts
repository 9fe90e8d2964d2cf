import { decode } from '@ethereumjs/rlp'
import { keccak256 } from '#primitives'
import { TrustError } from '../errors.ts'
import { equalBytes } from '../primitives/bytes.ts'

/** An RLP item: bytes or a list. */
type Item = Uint8Array | Item[]

/** keccak-256 of the RLP of nothing: the root of a trie without entries. */
const emptyRoot = keccak256(Uint8Array.of(0x80))

/** A branch of 16 hashes has 532 bytes; nothing that we prove needs more. */
const maximumNodeBytes = 1024

/**
 * Walks a hexary Merkle-Patricia proof from a trusted root.
 *
 * @param root 32 bytes that the caller trusts.
 * @param key 32 bytes, hashed already: keccak-256 of the address or the slot.
 * @param proof RLP of the nodes from the root down, each of them used.
 * @returns the value's bytes; undefined if the proof shows that there is none.
 * @throws {TrustError} `evidence/bad-proof` if a node does not hash to what names it, is missing, left
 * over or malformed.
 * @see Ethereum Yellow Paper, appendix D; EIP-1186
 */
export function valueAt(
  root: Uint8Array,
  key: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (equalBytes(root, emptyRoot)) return absentFromEmpty(proof)
  const path = nibblesOf(key)
  let used = 0
  let depth = 0
  let next: Item = root
  for (;;) {
    const node: Item[] = Array.isArray(next) ? next : hashedNode(next, proof[used++])
    if (node.length === 17) {
      const nibble = path[depth++]
      // Keys have 64 nibbles, so that a branch below the last of them cannot be.
      if (nibble === undefined) throw bad('deep')
      next = node[nibble]!
    } else {
      const { isLeaf, nibbles } = compactPath(node)
      const matches = nibbles.every((nibble, at) => nibble === path[depth + at])
      if (!matches) return finished(undefined, used, proof)
      depth += nibbles.length
      next = node[1]!
      if (isLeaf) {
        if (depth !== path.length || Array.isArray(next)) throw bad('leaf')
        return finished(next, used, proof)
      }
      if (nibbles.length === 0) throw bad('extension')
    }
    if (next.length === 0) return finished(undefined, used, proof)
  }
}

/**
 * Decodes RLP that is one list.
 *
 * @throws {TrustError} `evidence/bad-proof` if it is no list, or longer than `maximumBytes`.
 */
export function decodeList(bytes: Uint8Array, maximumBytes: number): Item[] {
  if (bytes.length > maximumBytes) throw bad('size')
  let item: Item
  try {
    item = decode(bytes) as Item
  } catch {
    throw bad('rlp')
  }
  if (!Array.isArray(item)) throw bad('list')
  return item
}

function absentFromEmpty(proof: readonly Uint8Array[]): undefined {
  // Some nodes send no node here, some the empty one.
  const [node] = proof
  const isEmptyNode = proof.length === 1 && node?.length === 1 && node[0] === 0x80
  if (proof.length !== 0 && !isEmptyNode) throw bad('left-over')
  return undefined
}

function hashedNode(hash: Uint8Array, encoded: Uint8Array | undefined): Item[] {
  if (hash.length !== 32 || encoded === undefined) throw bad('missing')
  if (encoded.length > maximumNodeBytes || !equalBytes(keccak256(encoded), hash)) throw bad('hash')
  return decodeList(encoded, maximumNodeBytes)
}

/** The hex-prefix encoding of a leaf's or an extension's path, Yellow Paper appendix C. */
function compactPath(node: Item[]): { isLeaf: boolean; nibbles: number[] } {
  const [path] = node
  if (node.length !== 2 || path === undefined || Array.isArray(path)) throw bad('node')
  const [flag, ...rest] = nibblesOf(path)
  if (flag === undefined || flag > 3) throw bad('path')
  if (flag % 2 === 0 && rest.shift() !== 0) throw bad('path')
  return { isLeaf: flag >= 2, nibbles: rest }
}

function finished<T>(value: T, used: number, proof: readonly Uint8Array[]): T {
  if (used !== proof.length) throw bad('left-over')
  return value
}

function nibblesOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => [byte >> 4, byte & 15])
}

function bad(why: string): TrustError {
  return new TrustError('evidence/bad-proof', { why })
}
