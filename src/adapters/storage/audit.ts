import { OutsideError } from '../../errors.ts'
import type { AuditEntry, AuditStore } from '../../ports/audit.ts'
import { auditEntry, auditHash, auditText, noHash } from './auditChain.ts'
import type { Backend, Tx } from './backend.ts'
import { takeNumbers } from './lookups.ts'

type Waiting = {
  readonly entries: readonly AuditEntry[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Who did what, hash-chained, in a database. What is appended at the same time shares one statement and one
 * look at the last hash; a line that cannot be kept is refused alone.
 */
export function auditStore(backend: Backend): AuditStore {
  const waiting: Waiting[] = []
  const keep = (entries: readonly AuditEntry[]) =>
    backend.write((tx) => append(tx, entries), ['audit'])
  const keepAll = async () => {
    let group: Waiting[] | undefined
    try {
      await backend.write(
        async (tx) => {
          // As late as can be, so that all who came meanwhile are in it; the same ones if it runs again.
          group ??= waiting.splice(0)
          await append(
            tx,
            group.flatMap(({ entries }) => entries),
          )
        },
        ['audit'],
      )
      for (const { resolve } of group ?? []) resolve()
    } catch (error) {
      const all = group ?? waiting.splice(0)
      const isOneAtFault = !(error instanceof OutsideError) && all.length > 1
      for (const { entries, resolve, reject } of all) {
        if (isOneAtFault) keep(entries).then(resolve, reject)
        else reject(error)
      }
    }
  }
  return {
    append: (entries) => {
      if (entries.length === 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push({ entries, resolve, reject })
        if (waiting.length === 1) void keepAll()
      })
    },
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
