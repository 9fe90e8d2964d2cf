import type { AnchorRecord } from '../anchor/model.ts'
import { rootOf } from '../anchor/tree.ts'
import { isWeirError, OutsideError, TrustError } from '../errors.ts'
import { hex } from '../primitives/bytes.ts'
import type { CollectFault, Registry } from './model.ts'

/** Batches looked at in one go. */
const pageSize = 256

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
  for (let after = 0; ; after += pageSize) {
    const anchors = (await registry.chain.past()?.anchors(issuer, after, pageSize)) ?? []
    if (anchors.length === 0) break
    for (const anchor of await missing(registry, issuer, anchors)) {
      try {
        await registry.leaves.put({ ...anchor, leaves: await fetchLeaves(registry, anchor) })
        stored += 1
      } catch (error) {
        if (!isWeirError(error)) throw error
        const { code } = error
        faults.push({ issuer, sequence: anchor.sequence, code, at: registry.clock() })
        // A service that does not answer will not answer for the next batch either.
        if (error instanceof OutsideError) return { stored, faults }
      }
    }
  }
  return { stored, faults }
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
