import { leafHash } from '../anchor/tree.ts'
import { InputError, OutsideError } from '../errors.ts'
import type { BlockRef } from '../identity/model.ts'
import type { ChainPast, LeafPlace, LeafPrefix, ProvenPlace } from '../ports/mirror.ts'
import { equalBytes, hex } from '../primitives/bytes.ts'
import { keptUpTo, missing } from './collect.ts'
import type { Registry } from './model.ts'

/** Leaves that a prefix must bring back at least, so that nobody learns which one is meant. */
export const crowd = 256
/** Leaves that an answer holds at most. */
export const mostLeaves = 4096
/** Leaves that a prefix of the advised length brings back on average: `crowd` and room for chance. */
const expected = 384
const maxBits = 48

type Leaves = Pick<Registry, 'leaves' | 'chain'>

/** What was read so far. @throws {OutsideError} `mirror/not-ready` before anything was. */
export function pastOf({ chain }: Pick<Registry, 'chain'>): ChainPast {
  const past = chain.past()
  if (past === undefined) throw new OutsideError('mirror/not-ready')
  return past
}

/** How long a prefix may be now, so that at least {@link crowd} leaves are likely to begin with it. */
export async function advisedBits({ leaves }: Leaves): Promise<number> {
  const count = await leaves.count()
  return count < 2 * expected ? 0 : Math.min(maxBits, Math.floor(Math.log2(count / expected)))
}

/**
 * Reads a prefix.
 *
 * @param digits hex digits of the first bits, lower-case, at most 12; what lies beyond `bits` must be zero.
 * @param bits how many of them count; all of the digits if left out.
 * @throws {InputError} `mirror/bad-prefix`
 */
export function readPrefix(digits: string, bits = digits.length * 4): LeafPrefix {
  const isHex = /^[0-9a-f]{0,12}$/.test(digits)
  const fits = Number.isSafeInteger(bits) && bits >= 0 && Math.ceil(bits / 4) === digits.length
  if (!isHex || !fits) throw new InputError('mirror/bad-prefix')
  const spare = digits.length * 4 - bits
  const value = digits === '' ? 0 : Number.parseInt(digits, 16)
  if (value % 2 ** spare !== 0) throw new InputError('mirror/bad-prefix')
  return { bits, value: value / 2 ** spare }
}

/**
 * Leaves under a prefix, of batches that the chain confirms at `block`.
 *
 * @throws {InputError} `mirror/prefix-too-long` where fewer than 256 begin so (a prefix of no bits is
 *   always long enough), `mirror/prefix-too-short` where more than 4096 do; both with the advised `bits`.
 */
export async function byPrefix(
  registry: Leaves,
  prefix: LeafPrefix,
): Promise<{ block: BlockRef; places: readonly LeafPlace[] }> {
  return within(registry, prefix, () => registry.leaves.range(prefix, mostLeaves + 1))
}

/** The same with the proof of each. @throws as {@link byPrefix} */
export async function provenByPrefix(
  registry: Leaves,
  prefix: LeafPrefix,
): Promise<{ block: BlockRef; places: readonly ProvenPlace[] }> {
  // Counted before anything is proven: proofs are the dear part.
  await byPrefix(registry, prefix)
  return within(registry, prefix, () => registry.leaves.proofs(prefix, mostLeaves + 1))
}

async function within<P extends LeafPlace>(
  registry: Leaves,
  prefix: LeafPrefix,
  read: () => Promise<readonly P[]>,
): Promise<{ block: BlockRef; places: readonly P[] }> {
  const past = pastOf(registry)
  const found = await read()
  const refused =
    found.length > mostLeaves
      ? 'mirror/prefix-too-short'
      : prefix.bits > 0 && found.length < crowd
        ? 'mirror/prefix-too-long'
        : undefined
  if (refused !== undefined) throw new InputError(refused, { bits: await advisedBits(registry) })
  return { block: past.view.block, places: await confirmed(past, found) }
}

/**
 * Where a whole leaf stands, with its proof.
 *
 * @returns `isComplete`: whether every batch that the chain knows was searched, so that a leaf not found was
 *   not anchored at `block`.
 */
export async function byLeaf(
  registry: Leaves,
  leaf: Uint8Array,
): Promise<{ block: BlockRef; places: readonly ProvenPlace[]; isComplete: boolean }> {
  const past = pastOf(registry)
  const value = Number.parseInt(hex(leaf.subarray(0, maxBits / 8)), 16)
  const found = await registry.leaves.proofs({ bits: maxBits, value }, crowd)
  const own = found.filter((place) => equalBytes(place.leaf, leaf))
  const places = await confirmed(past, own)
  const isComplete = places.length > 0 || (await isAllKept(registry, past))
  return { block: past.view.block, places, isComplete }
}

/** The same for a fingerprint, 32 bytes. */
export function byFingerprint(
  registry: Leaves,
  fingerprint: Uint8Array,
): ReturnType<typeof byLeaf> {
  return byLeaf(registry, leafHash(fingerprint))
}

/** Only what the chain says too: a batch that fell back with its block is kept until its file is replaced. */
async function confirmed<P extends LeafPlace>(
  past: ChainPast,
  places: readonly P[],
): Promise<readonly P[]> {
  const roots = new Map<string, Promise<string | undefined>>()
  const rootOf = (issuer: string, sequence: number) => {
    const name = `${issuer}/${sequence}`
    const root =
      roots.get(name) ?? past.view.anchor(issuer, sequence).then((anchor) => anchor?.root)
    roots.set(name, root)
    return root
  }
  const checked = await Promise.all(
    places.map(async (place) => (await rootOf(place.issuer, place.sequence)) === place.root),
  )
  return places.filter((_, at) => checked[at])
}

/** What was found for the newest block; a search over every batch for each stranger would be dear. */
const searched = new WeakMap<Leaves['leaves'], { readonly at: string; readonly isAll: boolean }>()

async function isAllKept(registry: Leaves, past: ChainPast): Promise<boolean> {
  const at = `${past.view.block.hash} ${await registry.leaves.count()}`
  const known = searched.get(registry.leaves)
  if (known?.at === at) return known.isAll
  const isAll = await searchAll(registry, past)
  searched.set(registry.leaves, { at, isAll })
  return isAll
}

async function searchAll(registry: Leaves, past: ChainPast): Promise<boolean> {
  for (const issuer of await past.departments()) {
    for (let after = keptUpTo(registry, issuer); ; after += 1024) {
      const anchors = await past.anchors(issuer, after, 1024)
      if (anchors.length === 0) break
      if ((await missing(registry, issuer, anchors)).length > 0) return false
    }
  }
  return true
}
