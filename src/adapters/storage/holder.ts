import type { Selectable } from 'kysely'
import type { HeldRecord, HolderStore } from '../../ports/holder.ts'
import type { Backend } from './backend.ts'
import type { Tables } from './schema.ts'

/** What a holder keeps, in a database. */
export function holderStore(backend: Backend): HolderStore {
  return {
    put: (record) =>
      backend.write(async (tx) => {
        const { id, token } = record
        const row = { token, proof: proofText(record), received_at: record.receivedAt.getTime() }
        await tx.db
          .insertInto('held')
          .values({ id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute()
      }),
    get: (id) =>
      backend.read(async (db) => {
        const row = await db.selectFrom('held').selectAll().where('id', '=', id).executeTakeFirst()
        return row && heldRecord(row)
      }),
    list: () =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('held')
          .selectAll()
          .orderBy('received_at')
          .orderBy('id')
          .execute()
        return rows.map(heldRecord)
      }),
    remove: (id) =>
      backend.write(async (tx) => {
        tx.forget()
        await tx.db.deleteFrom('held').where('id', '=', id).execute()
      }),
  }
}

function proofText({ proof }: HeldRecord): string | null {
  if (proof === undefined) return null
  const path = proof.path.map((hash) => Buffer.from(hash).toString('hex'))
  return JSON.stringify({ ...proof, path })
}

function heldRecord(row: Selectable<Tables['held']>): HeldRecord {
  return {
    id: row.id,
    token: row.token,
    proof: row.proof === null ? undefined : proofOf(row.proof),
    receivedAt: new Date(row.received_at),
  }
}

function proofOf(text: string): HeldRecord['proof'] {
  const { sequence, index, size, path } = JSON.parse(text)
  const hashes = path.map((hash: string) => new Uint8Array(Buffer.from(hash, 'hex')))
  return { sequence, index, size, path: hashes }
}
