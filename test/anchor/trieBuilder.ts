import { encode } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'

/** Hashed entries of a trie, written for tests only: straight from the Yellow Paper, appendix D. */
export type Entry = { readonly path: number[]; readonly value: Uint8Array }
type Node = Uint8Array | Node[]

/** An entry under the keccak-256 of `key`. */
export function entryOf(key: Uint8Array, value: Uint8Array): Entry {
  return { path: nibblesOf(keccak_256(key)), value }
}

/** The root of a trie and, for each asked key, its proof of presence or absence. */
export function trieOf(entries: readonly Entry[]): {
  root: Uint8Array
  prove: (key: Uint8Array) => string[]
} {
  const top = nodeOf(entries, 0)
  const root = keccak_256(encode(top))
  return { root, prove: (key) => proofOf(top, nibblesOf(keccak_256(key))) }
}

function nodeOf(entries: readonly Entry[], depth: number): Node {
  if (entries.length === 0) return new Uint8Array(0)
  const [first] = entries as [Entry]
  if (entries.length === 1) return [compact(first.path.slice(depth), true), first.value]
  let end = depth
  while (entries.every((entry) => entry.path[end] === first.path[end])) end += 1
  const branch: Node[] = Array.from({ length: 16 }, (_, nibble) =>
    reference(
      nodeOf(
        entries.filter((entry) => entry.path[end] === nibble),
        end + 1,
      ),
    ),
  )
  branch.push(new Uint8Array(0))
  if (end === depth) return branch
  return [compact(first.path.slice(depth, end), false), reference(branch)]
}

const resolved = new Map<string, Node>()

function reference(node: Node): Node {
  if (!Array.isArray(node)) return node
  const encoded = encode(node)
  if (encoded.length < 32) return node
  const hash = keccak_256(encoded)
  resolved.set(Buffer.from(hash).toString('hex'), node)
  return hash
}

function proofOf(top: Node, path: number[]): string[] {
  const nodes: string[] = []
  let node: Node = top
  let depth = 0
  let inline = false
  while (Array.isArray(node)) {
    if (!inline) nodes.push(`0x${Buffer.from(encode(node)).toString('hex')}`)
    let next: Node
    if (node.length === 17) {
      next = node[path[depth]!]!
      depth += 1
    } else {
      const [flag, ...rest] = nibblesOf(node[0] as Uint8Array) as [number, ...number[]]
      const part = flag % 2 === 1 ? rest : rest.slice(1)
      if (flag >= 2 || !part.every((nibble, at) => nibble === path[depth + at])) return nodes
      depth += part.length
      next = node[1]!
    }
    inline = Array.isArray(next)
    node = inline ? next : (resolved.get(Buffer.from(next as Uint8Array).toString('hex')) ?? next)
  }
  return nodes
}

function compact(nibbles: number[], isLeaf: boolean): Uint8Array {
  const odd = nibbles.length % 2
  const all = [(isLeaf ? 2 : 0) + odd, ...(odd === 1 ? [] : [0]), ...nibbles]
  return Uint8Array.from({ length: all.length / 2 }, (_, n) => all[2 * n]! * 16 + all[2 * n + 1]!)
}

function nibblesOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => [byte >> 4, byte & 15])
}
