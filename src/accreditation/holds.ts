import type { AccreditationChain, AccreditationRecord } from './model.ts'

/** Links that may lie between a department and the root of its accreditation. */
export const maximumDepth = 4

/**
 * Whether a chain of records is built as the registry builds them: each rests on the next, which may
 * accredit, has every right that it gives, is one step nearer to the root and lies around it in time;
 * all for one certificate type; nobody twice; the last a root.
 *
 * @param chain the record and those that it rests on, the root last.
 */
export function isWellBuilt(chain: AccreditationChain): boolean {
  if (chain.length === 0 || chain.length > maximumDepth + 1) return false
  if (new Set(chain.map((record) => record.department)).size !== chain.length) return false
  return chain.every((record, at) => {
    const above = chain[at + 1]
    if (record.depth !== chain.length - 1 - at || record.from >= record.until) return false
    if (above === undefined) return record.by === undefined
    return (
      record.by?.department === above.department &&
      record.by.index === above.index &&
      record.certificateType === above.certificateType &&
      above.rights.includes('accredit') &&
      record.rights.every((right) => above.rights.includes(right)) &&
      record.from >= above.from &&
      record.until <= above.until
    )
  })
}

/**
 * Whether every link held at `time`: `from <= time < until`, and neither withdrawn nor its department
 * removed at or before `time`. The same second may be the same block, whose order nobody can tell
 * here: doubt refuses.
 */
export function holds(chain: AccreditationChain, time: Date): boolean {
  return isWellBuilt(chain) && chain.every((record) => linkHolds(record, time))
}

function linkHolds(record: AccreditationRecord, time: Date): boolean {
  const ended = (end: Date | undefined) => end !== undefined && end <= time
  return (
    record.from <= time &&
    time < record.until &&
    !ended(record.withdrawnAt) &&
    !ended(record.removedAt)
  )
}
