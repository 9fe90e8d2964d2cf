import { randomBytes } from '#primitives'
import type { InclusionProof } from '../../src/anchor/model.ts'
import { treeOf } from '../../src/anchor/tree.ts'
import { proofJson } from '../../src/presentation/certificateFile.ts'
import { refusalOf } from '../../src/verdict/checkAnchor.ts'
import { good, mostlyGood, other } from './deal.ts'
import { dressed, newChallenge, policyOf } from './dress.ts'
import { leavesOf, verifierOf } from './facts.ts'
import { edited, nodeOf, write } from './json.ts'
import type { Copy, Mutation, Tools } from './model.ts'
import { scratched } from './text.ts'

const isAnchored = ({ proof }: Copy) => proof !== undefined

/** The proof with one thing other than it is; undefined where that would be the same. */
export function bent(
  { world, r }: Tools,
  copy: Copy,
): { proof: InclusionProof; told: string } | undefined {
  const proof = copy.proof!
  const { sequence, index, size, path } = proof
  const at = r.below(path.length)
  const with_ = (hash: Uint8Array) => path.map((own, n) => (n === at ? hash : own))
  const bit = Uint8Array.from(path[at]!)
  bit[r.below(32)]! ^= 1 << r.below(8)
  const donor = other(r, world.copies.filter(isAnchored), copy)!.proof!
  const odd = r.pick([
    0,
    1,
    size,
    size - 1,
    2 ** 30,
    2 ** 31,
    2 ** 53 - 1,
    index + 1,
    index ^ 1,
    index * 2,
    index >> 1,
  ])
  const bends: [string, InclusionProof][] = [
    ['index', { ...proof, index: odd }],
    ['size', { ...proof, size: odd }],
    [
      'sequence',
      { ...proof, sequence: r.pick([0, sequence + 1, sequence - 1, 2 ** 40, sequence + 16]) },
    ],
    ['a bit of the path', { ...proof, path: with_(bit) }],
    ['a hash too few', { ...proof, path: path.filter((_, n) => n !== at) }],
    [
      'a hash too many',
      { ...proof, path: [...path.slice(0, at), randomBytes(32), ...path.slice(at)] },
    ],
    ['a hash twice', { ...proof, path: [...path.slice(0, at), path[at]!, ...path.slice(at)] }],
    ['another hash', { ...proof, path: with_(r.pick(donor.path)) }],
    ['reversed', { ...proof, path: path.toReversed() }],
    ['rotated', { ...proof, path: [...path.slice(1), path[0]!] }],
    ['no path', { ...proof, path: [] }],
    ['an inner node', { ...proof, index: index >> 1, path: path.slice(1) }],
    [
      'an inner node of a smaller tree',
      { ...proof, index: index >> 1, size: (size + 1) >> 1, path: path.slice(1) },
    ],
    [
      'a tree one level up',
      { ...proof, index: index * 2, size: size * 2, path: [randomBytes(32), ...path] },
    ],
    ['of another certificate', donor],
    ['of another certificate, own place', { ...donor, index, size }],
    ['own path, another’s place', { ...donor, path }],
  ]
  const [told, changed] = r.pick(bends)
  if (JSON.stringify(proofJson(changed)) === JSON.stringify(proofJson(proof))) return undefined
  return { proof: changed, told }
}

/** A bent proof before a verifier that has no leaves of its own. */
export const proofs: Mutation = (tools) => {
  const copy = mostlyGood(tools, isAnchored)!
  const change = bent(tools, copy)
  if (change === undefined) return undefined
  const challenge =
    copy.holder !== undefined && tools.r.below(2) === 0 ? newChallenge(tools) : undefined
  const made = dressed(tools, [copy], { challenge, proofs: [change.proof] })
  return { told: `proof: ${change.told}`, ...made }
}

/** Two proofs given to each other's certificates, or none at all. */
export const swappedProofs: Mutation = (tools) => {
  const { r } = tools
  const first = good(tools)!
  const second = good(tools, (copy) => copy !== first)!
  const proofs = r.pick([
    [second.proof, first.proof],
    [first.proof],
    [undefined, second.proof],
    [second.proof],
  ])
  return {
    told: 'proofs: given to another certificate, or missing',
    ...dressed(tools, [first, second], { proofs }),
  }
}

/** Inner nodes, roots and leaves themselves in place of a fingerprint. */
export const innerNodes: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools, isAnchored)!
  const { address } = world.departments[copy.department]!
  const proof = copy.proof!
  const record = world.facts.anchors.get(address)![proof.sequence - 1]!
  const { levels } = treeOf(world.facts.leaves.get(`${address}/${proof.sequence}`)!)
  const level = r.below(levels.length)
  const nodes = levels[level]!
  const at = r.below(nodes.length / 32)
  const node = nodes.slice(at * 32, at * 32 + 32)
  const pair = nodes.slice((at & ~1) * 32, (at & ~1) * 32 + 64)
  const path = proof.path.slice(level)
  const index = r.pick([at, at << level, proof.index, proof.index >> level])
  const size = r.pick([proof.size, nodes.length / 32])
  const fake = r.pick([node, pair, pair.slice(0, 33), Uint8Array.of(0, ...node)])
  const proofs = [
    { ...proof, index },
    { ...proof, index, path },
    { ...proof, index, size, path },
    { ...proof, index, size, path: proof.path.slice(level + 1) },
  ]
  const anchor = { record, proof: r.pick(proofs) }
  return {
    told: `inner node of level ${level} as a leaf`,
    refusal: () => refusalOf(fake, anchor, address),
  }
}

/** A certificate file with one change to its text or structure, before a verifier without leaves. */
export const certificateFiles: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools, isAnchored)!
  const file = { credential: copy.token, proof: proofJson(copy.proof!) }
  const text = JSON.stringify(file, null, r.pick([0, 1]))
  let change: { text: string; told: string }
  if (r.below(2) === 0) {
    const root = nodeOf(r.below(3) === 0 ? file : file.proof)
    const told = edited(r, root)
    const inside = write(root)
    change = {
      told,
      text:
        told.includes('$.proof') || 'credential' in JSON.parse(loose(inside))
          ? inside
          : `{"credential":${JSON.stringify(copy.token)},"proof":${inside}}`,
    }
  } else change = scratched(r, text)
  return {
    told: `certificate file: ${change.told}`,
    original: text,
    input: change.text,
    policy: policyOf(world, undefined),
    verifier: verifierOf(world, { hasMirror: false }),
  }
}

/** An issuer's leaves answer with another place than asked for. */
export const lyingLeaves: Mutation = (tools) => {
  const { world, r } = tools
  const copy = mostlyGood(tools, isAnchored)!
  const change = bent(tools, copy)
  if (change === undefined) return undefined
  const reader = { ...leavesOf(world.facts), proof: async () => change.proof }
  const verifier = verifierOf(world, { hasMirror: true, leaves: reader })
  const input = r.pick([copy.token, JSON.stringify({ credential: copy.token })])
  return { told: `leaves: ${change.told}`, input, policy: policyOf(world, undefined), verifier }
}

function loose(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return '{}'
  }
}
