/** What each name was, since which block; blocks ascend. */
export type Versions<V> = Map<string, { block: number; value: V }[]>

/** Sets a name's value as of a block, which is not before any earlier one. */
export function setVersion<V>(versions: Versions<V>, name: string, block: number, value: V): void {
  const own = versions.get(name)
  if (own === undefined) {
    versions.set(name, [{ block, value }])
    return
  }
  // Within one block the last one counts: nobody can look between two transactions.
  if (own.at(-1)!.block === block) own.pop()
  own.push({ block, value })
}

/** A name's value at the end of a block; undefined: it had none yet. */
export function versionAt<V>(versions: Versions<V>, name: string, block: number): V | undefined {
  return versions.get(name)?.findLast((version) => version.block <= block)?.value
}

/** Forgets everything after a block. */
export function rollBack<V>(versions: Versions<V>, block: number): void {
  for (const [name, own] of versions) {
    while (own.length > 0 && own.at(-1)!.block > block) own.pop()
    if (own.length === 0) versions.delete(name)
  }
}
