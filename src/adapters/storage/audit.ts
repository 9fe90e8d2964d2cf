import type { AuditEntry, AuditStore } from '../../ports/audit.ts'
import { auditEntry, auditHash, auditText, noHash } from './auditChain.ts'
import type { Backend, Tx } from './backend.ts'
import { takeNumbers } from './lookups.ts'

/** Who did what, hash-chained, in a database. */
export function auditStore(backend: Backend): AuditStore {
  return {
    append: (entries) =>
      entries.length === 0
        ? Promise.resolve()
        : backend.write((tx) => append(tx, entries), ['audit']),
    scan: (after, limit) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('audit')
          .selectAll()
          .where('id', '>', after)
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(({ id, hash, entry }) => ({ id, hash, entry: auditEntry(entry) }))
      }),
  }
}

async function append(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
  const first = await takeNumbers(tx, 'audit', entries.length)
  const last = await tx.db
    .selectFrom('audit')
    .select('hash')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  let previous = last?.hash ?? noHash
  const rows = entries.map((entry, i) => {
    const text = auditText(entry)
    previous = auditHash(previous, text)
    return [first + i, previous, text]
  })
  await tx.insert('audit', rows)
}
