import { pathOf } from '../../anchor/proof.ts'
import { type Tree, treeOf } from '../../anchor/tree.ts'
import type {
  ChainJournal,
  ChainStep,
  LeafFile,
  LeafPlace,
  LeafPrefix,
  LeafStore,
} from '../../ports/mirror.ts'
import { compareBytes } from '../../primitives/bytes.ts'
import { boundsOf } from './leaves.ts'
import { fingerprintHash } from './lookups.ts'
import type { Memory } from './memoryState.ts'

/** Leaf files in memory, for tests. */
export function memoryLeaves({ leafFiles }: Memory): LeafStore {
  const all = () => [...leafFiles.values()]
  const range = (prefix: LeafPrefix, limit: number): LeafPlace[] => {
    const { first, last } = boundsOf(prefix)
    return all()
      .flatMap(placesIn)
      .filter(({ leaf }) => fingerprintHash(leaf) >= first && fingerprintHash(leaf) <= last)
      .sort((a, b) => compareBytes(a.leaf, b.leaf))
      .slice(0, limit)
  }
  return {
    put: async (file) => {
      treeOf(file.leaves)
      leafFiles.set(nameOf(file), { ...file, leaves: file.leaves.slice() })
    },
    kept: async (issuer, after, limit) =>
      all()
        .filter((file) => file.issuer === issuer && file.sequence > after)
        .sort((a, b) => a.sequence - b.sequence)
        .slice(0, limit)
        .map(({ sequence, root, leaves }) => ({ sequence, root, size: leaves.length / 32 })),
    file: async (issuer, sequence) => leafFiles.get(nameOf({ issuer, sequence })),
    range: async (prefix, limit) => range(prefix, limit),
    proofs: async (prefix, limit) => {
      const trees = new Map<string, Tree>()
      return range(prefix, limit).map((place) => {
        const name = nameOf(place)
        const tree = trees.get(name) ?? treeOf(leafFiles.get(name)!.leaves)
        trees.set(name, tree)
        return { ...place, path: pathOf(tree, place.index) }
      })
    },
    count: async () => all().reduce((sum, { leaves }) => sum + leaves.length / 32, 0),
  }
}

/** A chain's steps in memory, for tests. */
export function memoryJournal({ steps }: Memory): ChainJournal {
  return {
    steps: async (chain) => steps.get(chain)?.slice() ?? [],
    append: async (chain, step) => {
      const own: ChainStep[] = steps.get(chain) ?? []
      own.push(structuredClone(step))
      steps.set(chain, own)
    },
    clear: async (chain) => void steps.delete(chain),
  }
}

function nameOf({ issuer, sequence }: Pick<LeafFile, 'issuer' | 'sequence'>): string {
  return `${issuer}/${sequence}`
}

function placesIn({ issuer, sequence, root, leaves }: LeafFile): LeafPlace[] {
  const size = leaves.length / 32
  return Array.from({ length: size }, (_, index) => {
    const leaf = leaves.slice(index * 32, index * 32 + 32)
    return { issuer, sequence, root, size, index, leaf }
  })
}
