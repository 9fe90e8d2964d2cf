import { linkOf, zeroLink } from '../../src/anchor/link.ts'
import type { AnchorRecord } from '../../src/anchor/model.ts'
import { pathOf } from '../../src/anchor/proof.ts'
import { leafHash, positionOf, type Tree, treeOf } from '../../src/anchor/tree.ts'
import type { ChainView, LeafReader } from '../../src/ports/chain.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import type { Facts, World } from './model.ts'

/** The recorded chain, read as gather reads any. */
export function viewOf({
  block,
  departments,
  keys,
  accreditations,
  anchors,
  words,
}: Facts): ChainView {
  return {
    block,
    department: async (address) => departments.get(address),
    key: async (thumbprint) => keys.get(thumbprint),
    accreditations: async (department, type) => accreditations.get(`${department}/${type}`) ?? [],
    lastAnchor: async (issuer) => lastOf(anchors.get(issuer)),
    anchor: async (issuer, sequence) => anchors.get(issuer)?.[sequence - 1],
    statusWord: async (issuer, list, word) => words.get(`${issuer}/${list}/${word}`) ?? 0n,
  }
}

function lastOf(records: readonly AnchorRecord[] = []): { sequence: number; link: string } {
  const last = records.at(-1)
  return { sequence: last?.sequence ?? 0, link: last === undefined ? zeroLink : linkOf(last) }
}

const trees = new Map<string, Tree>()

/** The leaves of every batch, as a node mirrors them. */
export function leavesOf({ leaves, anchors }: Facts): LeafReader {
  return {
    async proof(issuer, fingerprint) {
      const leaf = leafHash(fingerprint)
      for (const { sequence } of anchors.get(issuer) ?? []) {
        const name = `${issuer}/${sequence}`
        const all = leaves.get(name)
        const index = all && positionOf(all, leaf)
        if (all === undefined || index === undefined) continue
        const tree = trees.get(name) ?? treeOf(all)
        trees.set(name, tree)
        return { sequence, index, size: tree.size, path: pathOf(tree, index) }
      }
      return undefined
    },
    holdsUpTo: async () => true,
  }
}

/** How a verifier stands: with the leaves of every batch, or resting on proofs that holders bring. */
export type Stand = {
  readonly hasMirror: boolean
  readonly view?: ChainView
  readonly leaves?: LeafReader
}

/** A verifier over the recorded chain. */
export function verifierOf({ facts, identity, at }: World, stand: Stand): Verifier {
  const view = stand.view ?? viewOf(facts)
  return {
    chain: {
      identity,
      view: async () => view,
      prove: () => Promise.reject(new Error('nothing is proven here')),
    },
    ...(stand.hasMirror && { leaves: stand.leaves ?? leavesOf(facts) }),
    keysOf: async (did) => facts.shown.get(did) ?? [],
    now: () => at,
  }
}
