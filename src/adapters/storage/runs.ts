/** Ids that follow one another, both ends included. */
export type Run = { readonly first: number; readonly last: number }

/**
 * Ids as runs, in ascending order, so that a batch of 10,000 is a few rows.
 *
 * @returns runs of the distinct ids.
 */
export function runsOf(ids: readonly number[]): Run[] {
  const sorted = isAscending(ids) ? ids : [...new Set(ids)].sort((a, b) => a - b)
  const runs: { first: number; last: number }[] = []
  for (const id of sorted) {
    const run = runs.at(-1)
    if (run !== undefined && id === run.last + 1) run.last = id
    else runs.push({ first: id, last: id })
  }
  return runs
}

function isAscending(ids: readonly number[]): boolean {
  return ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? id))
}

/** How many ids a run holds. */
export function runLength({ first, last }: Run): number {
  return last - first + 1
}
