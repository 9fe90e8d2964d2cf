import type { AnchorRecord } from '../anchor/model.ts'
import { rootOf } from '../anchor/tree.ts'
import { isWeirError, OutsideError, TrustError } from '../errors.ts'
import { hex } from '../primitives/bytes.ts'
import type { CollectFault, Registry } from './model.ts'

/** Batches looked at in one go. */
const pageSize = 256
/** Wrong files of one department that a round asks for before it gives up on it. */
const patience = 16

const noRoot = `0x${'00'.repeat(32)}`

/** What one round of collecting brought. */
export type Collected = {
  readonly stored: number
  /** Batches whose leaves are still missing, as far as this round looked. */
  readonly faults: readonly CollectFault[]
}

/**
 * Fetches the leaf files that the chain knows and this node does not, from each department's own service,
 * and keeps those that hash to the anchored root. A file that does not is refused and told, and asked for
 * again next time; one department's failure does not hold up the others.
 */
export async function collect(registry: Registry): Promise<Collected> {
  const past = registry.chain.past()
  if (past === undefined) return { stored: 0, faults: [] }
  const departments = await past.departments()
  const results = await Promise.all(departments.map((issuer) => collectFrom(registry, issuer)))
  return {
    stored: results.reduce((sum, { stored }) => sum + stored, 0),
    faults: results.flatMap(({ faults }) => faults),
  }
}

async function collectFrom(registry: Registry, issuer: string): Promise<Collected> {
  const faults: CollectFault[] = []
  let stored = 0
  for (let after = keptUpTo(registry, issuer); ; ) {
    const anchors = (await registry.chain.past()?.anchors(issuer, after, pageSize)) ?? []
    const last = anchors.at(-1)
    if (last === undefined) break
    for (const anchor of await missing(registry, issuer, anchors)) {
      const found = await fetchOrFault(registry, anchor)
      if ('code' in found) faults.push(found)
      else await registry.leaves.put({ ...anchor, leaves: found.leaves })
      if (!('code' in found)) stored += 1
      else if (!isLie(found) || faults.length >= patience) return { stored, faults }
    }
    after = last.sequence
    if (faults.length === 0) noteKept(registry, issuer, after)
  }
  return { stored, faults }
}

/** A service that does not answer will not answer for the next batch either. */
function isLie({ code }: CollectFault): boolean {
  return code === 'mirror/wrong-leaves'
}

async function fetchOrFault(
  registry: Registry,
  anchor: AnchorRecord,
): Promise<CollectFault | { readonly leaves: Uint8Array }> {
  try {
    return { leaves: await fetchLeaves(registry, anchor) }
  } catch (error) {
    if (!isWeirError(error)) throw error
    const { issuer, sequence } = anchor
    return { issuer, sequence, code: error.code, at: registry.clock() }
  }
}

type Progress = { readonly reorganisations: number; readonly upTo: Map<string, number> }

/** Up to which batch all files of an issuer are kept, so that a round looks at new batches only. */
const progress = new WeakMap<Registry['leaves'], Progress>()

/** The batch up to which every file of an issuer is known to be kept; what fell back is looked at anew. */
export function keptUpTo(
  { leaves, chain }: Pick<Registry, 'leaves' | 'chain'>,
  issuer: string,
): number {
  const known = progress.get(leaves)
  return known?.reorganisations === chain.reorganisations ? (known.upTo.get(issuer) ?? 0) : 0
}

function noteKept({ leaves, chain }: Registry, issuer: string, sequence: number): void {
  const { reorganisations } = chain
  const known = progress.get(leaves)
  const own =
    known?.reorganisations === reorganisations ? known : { reorganisations, upTo: new Map() }
  own.upTo.set(issuer, sequence)
  progress.set(leaves, own)
}

/** Anchored batches with leaves whose file is not kept, or is kept with another root. */
export async function missing(
  { leaves }: Pick<Registry, 'leaves'>,
  issuer: string,
  anchors: readonly AnchorRecord[],
): Promise<readonly AnchorRecord[]> {
  const before = (anchors[0]?.sequence ?? 1) - 1
  const kept = await leaves.kept(issuer, before, anchors.length)
  const roots = new Map(kept.map(({ sequence, root }) => [sequence, root]))
  return anchors.filter(({ sequence, root }) => root !== noRoot && roots.get(sequence) !== root)
}

/**
 * One leaf file from its department.
 *
 * @throws {OutsideError} `mirror/no-source` where no address is known, `mirror/no-leaves` where the
 *   service has none, and as `Fetch`.
 * @throws {TrustError} `mirror/wrong-leaves` where they do not hash to the anchored root.
 */
async function fetchLeaves(
  { sources, fetch }: Pick<Registry, 'sources' | 'fetch'>,
  { issuer, sequence, size, root }: AnchorRecord,
): Promise<Uint8Array> {
  const base = sources.get(issuer)
  if (base === undefined) throw new OutsideError('mirror/no-source', { issuer })
  const answer = await fetch({
    url: `${base}/batches/${issuer}/${sequence}/leaves`,
    headers: { accept: 'application/octet-stream' },
    maxBytes: size * 32,
    timeoutMs: 30_000,
  })
  if (answer.status !== 200) {
    throw new OutsideError('mirror/no-leaves', { issuer, sequence, status: answer.status })
  }
  const found = answer.body.length === size * 32 ? rootText(answer.body) : undefined
  if (found !== root) throw new TrustError('mirror/wrong-leaves', { issuer, sequence })
  return answer.body
}

function rootText(leaves: Uint8Array): string | undefined {
  try {
    return `0x${hex(rootOf(leaves))}`
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
