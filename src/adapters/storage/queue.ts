import { type Selectable, sql } from 'kysely'
import { InputError } from '../../errors.ts'
import type { QueuedCopy, QueueStore } from '../../ports/outbox.ts'
import { equalBytes } from '../../primitives/bytes.ts'
import type { Backend, Tx } from './backend.ts'
import { bytes } from './copyRows.ts'
import { bucketOf, fingerprintHash } from './lookups.ts'
import { open, type Tables } from './schema.ts'

type Replan = Parameters<QueueStore['replan']>[0][number]

/** Copies on their way into a batch, in a database. */
export function queueStore(backend: Backend): QueueStore {
  return {
    waiting: (issuer, after, limit) =>
      backend.read(async (db) => {
        const { rows } = await sql<QueuedRow>`
          select c.id, c.idempotency_key, c.certificate_type, c.key_thumbprint, c.fingerprint, c.replaces
          from open_copies o join copies c on c.id = o.id
          where o.issuer = ${issuer} and o.id > ${after} and o.state = ${open.durable}
          order by o.id limit ${limit}`.execute(db)
        return rows.map(queuedCopy)
      }),
    members: (issuer, sequence) =>
      backend.read(async (db) => {
        const { rows } = await sql<QueuedRow>`
          select c.id, c.idempotency_key, c.certificate_type, c.key_thumbprint, c.fingerprint, c.replaces
          from runs r join copies c on c.id between r.first and r.last
          where r.issuer = ${issuer} and r.sequence = ${sequence}
          order by c.id`.execute(db)
        return rows.map(queuedCopy)
      }),
    setRefused: (ids, refused) =>
      backend.write(async (tx) => {
        await tx.db
          .updateTable('open_copies')
          .set({ state: refused ? open.refused : open.durable })
          .where('id', 'in', backend.among(ids))
          .where('state', '=', refused ? open.durable : open.refused)
          .execute()
      }),
    replan: (copies) => backend.write((tx) => replan(backend, tx, copies)),
  }
}

async function replan(backend: Backend, tx: Tx, copies: readonly Replan[]): Promise<void> {
  const ids = copies.map(({ id }) => id)
  const { numUpdatedRows } = await tx.db
    .updateTable('open_copies')
    .set({ state: open.reserved })
    .where('id', 'in', backend.among(ids))
    .executeTakeFirstOrThrow()
  if (Number(numUpdatedRows) !== ids.length) throw new InputError('store/duplicate')
  await tx.db.deleteFrom('signatures').where('id', 'in', backend.among(ids)).execute()
  for (const copy of copies) await rewrite(backend, tx, copy)
}

async function rewrite(backend: Backend, tx: Tx, copy: Replan): Promise<void> {
  const bucket = bucketOf(backend, 'fingerprint', copy.id)
  const old = await tx.db
    .selectFrom('copies')
    .select('fingerprint')
    .where('id', '=', copy.id)
    .executeTakeFirstOrThrow()
  if (copy.was !== undefined && !equalBytes(copy.was, bytes(old.fingerprint))) {
    throw new InputError('store/duplicate', { id: copy.id })
  }
  await tx.db
    .deleteFrom('lookups')
    .where('bucket', '=', bucket)
    .where('hash', '=', fingerprintHash(old.fingerprint))
    .where('id', '=', copy.id)
    .execute()
  await tx.insert('lookups', [[bucket, fingerprintHash(copy.fingerprint), copy.id]])
  await tx.db
    .updateTable('copies')
    .set({
      key_thumbprint: copy.keyThumbprint,
      signing_input: copy.signingInput,
      disclosures: copy.disclosures.join('~'),
      fingerprint: copy.fingerprint,
      replaces: copy.replaces ?? null,
      planned_at: copy.plannedAt.getTime(),
    })
    .where('id', '=', copy.id)
    .execute()
}

type QueuedRow = Pick<
  Selectable<Tables['copies']>,
  'id' | 'idempotency_key' | 'certificate_type' | 'key_thumbprint' | 'fingerprint' | 'replaces'
>

function queuedCopy(row: QueuedRow): QueuedCopy {
  return {
    id: row.id,
    idempotencyKey: row.idempotency_key,
    certificateType: row.certificate_type,
    keyThumbprint: row.key_thumbprint,
    fingerprint: bytes(row.fingerprint),
    replaces: row.replaces ?? undefined,
  }
}
