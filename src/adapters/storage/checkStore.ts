import { auditStore } from './audit.ts'
import { firstBrokenLine, noHash } from './auditChain.ts'
import type { Backend } from './backend.ts'

/** Audit lines read at a time. */
const pageSize = 1000

/** What can be wrong with a database. */
export type StoreFault = { readonly code: 'store/corrupt'; readonly where: string }

/** Walks the audit chain from its first line and asks the database for its own faults. */
export async function checkStore(
  backend: Backend & { faults(): Promise<readonly string[]> },
): Promise<StoreFault[]> {
  const faults = await backend.faults()
  const line = await brokenAuditLine(backend)
  const places = line === undefined ? faults : [...faults, `audit ${line}`]
  return places.map((where) => ({ code: 'store/corrupt', where }))
}

/** The first line of the audit chain that does not follow from the one before, or is missing. */
async function brokenAuditLine(backend: Backend): Promise<number | undefined> {
  const audit = auditStore(backend)
  let last = { id: 0, hash: noHash }
  for (;;) {
    const lines = await audit.scan(last.id, pageSize)
    const broken = firstBrokenLine(lines, last)
    if (broken !== undefined) return broken
    const end = lines.at(-1)
    if (end === undefined) break
    last = end
  }
  const counted = await backend.read((db) =>
    db.selectFrom('counters').select('value').where('name', '=', 'audit').executeTakeFirstOrThrow(),
  )
  return counted.value === last.id ? undefined : last.id + 1
}
