import type { Kysely, Selectable } from 'kysely'
import { InputError } from '../../errors.ts'
import type { Batch, OutboxStore } from '../../ports/outbox.ts'
import type { StatusChange } from '../../status/model.ts'
import type { Backend, Tx } from './backend.ts'
import { bytes } from './copyRows.ts'
import { runLength, runsOf } from './runs.ts'
import { open, type Tables } from './schema.ts'

/** Batches on their way to the chain, in a database. */
export function outboxStore(backend: Backend): OutboxStore {
  return {
    addBatch: (batch, members, requests) =>
      backend.write((tx) => addBatch(backend, tx, batch, members, requests)),
    setTransaction: (issuer, sequence, { raw, hash, nonce }) =>
      backend.write(async (tx) => {
        const state = await stateOf(tx, issuer, sequence)
        if (state !== 'built' && state !== 'sent') throw wrongState(sequence, state)
        await tx.db
          .updateTable('batches')
          .set({ raw, hash, nonce })
          .where('issuer', '=', issuer)
          .where('sequence', '=', sequence)
          .execute()
      }),
    setState: (issuer, sequence, state) =>
      backend.write(async (tx) => {
        const now = await stateOf(tx, issuer, sequence)
        if (!mayBecome(now, state)) throw wrongState(sequence, now)
        if (now === state) return false
        await tx.db
          .updateTable('batches')
          .set({ state })
          .where('issuer', '=', issuer)
          .where('sequence', '=', sequence)
          .execute()
        return true
      }),
    batches: (issuer, states, limit) =>
      backend.read(async (db) => {
        if (states.length === 0) return []
        const rows = await db
          .selectFrom('batches')
          .selectAll()
          .where('issuer', '=', issuer)
          .where('state', 'in', [...states])
          .orderBy('sequence')
          .limit(limit)
          .execute()
        return Promise.all(rows.map((row) => whole(db, row)))
      }),
    batch: (issuer, sequence) =>
      backend.read(async (db) => {
        const row = await db
          .selectFrom('batches')
          .selectAll()
          .where('issuer', '=', issuer)
          .where('sequence', '=', sequence)
          .executeTakeFirst()
        return row && whole(db, row)
      }),
    dropBatch: (issuer, sequence) => backend.write((tx) => dropBatch(tx, issuer, sequence)),
  }
}

/** Whether a batch may go from one state to another: forward, or back to `sent` but not from `final`. */
export function mayBecome(from: Batch['state'], to: Batch['state']): boolean {
  const order = ['built', 'sent', 'anchored', 'final']
  return order.indexOf(to) >= order.indexOf(from) || (from === 'anchored' && to === 'sent')
}

function wrongState(sequence: number, state: string): InputError {
  return new InputError('store/wrong-state', { sequence, state })
}

async function stateOf(tx: Tx, issuer: string, sequence: number): Promise<Batch['state']> {
  const row = await tx.db
    .selectFrom('batches')
    .select('state')
    .where('issuer', '=', issuer)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  if (row === undefined) throw new InputError('store/not-found', { sequence })
  return row.state as Batch['state']
}

async function addBatch(
  backend: Backend,
  tx: Tx,
  batch: Batch,
  members: readonly number[],
  requests: readonly number[],
): Promise<void> {
  const { issuer, sequence, transaction } = batch
  const { previous, root, size, state } = batch
  const sent = [transaction?.raw ?? null, transaction?.hash ?? null, transaction?.nonce ?? null]
  await tx.insert('batches', [[issuer, sequence, previous, root, size, state, ...sent]])
  await tx.insert('trees', [[issuer, sequence, batch.leaves]])
  await tx.insert(
    'words',
    batch.changes.map(({ list, word, value }) => [issuer, sequence, list, word, wordText(value)]),
  )
  for (const run of runsOf(members)) {
    const { numDeletedRows } = await tx.db
      .deleteFrom('open_copies')
      .where('id', '>=', run.first)
      .where('id', '<=', run.last)
      .where('issuer', '=', issuer)
      .where('state', '=', open.durable)
      .executeTakeFirstOrThrow()
    if (Number(numDeletedRows) !== runLength(run)) throw new InputError('store/duplicate', run)
    await tx.insert('runs', [[run.first, run.last, issuer, sequence]])
  }
  if (requests.length === 0) return
  const { numUpdatedRows } = await tx.db
    .updateTable('requests')
    .set({ sequence })
    .where('id', 'in', backend.among(requests))
    .where('issuer', '=', issuer)
    .where('sequence', 'is', null)
    .executeTakeFirstOrThrow()
  if (Number(numUpdatedRows) !== new Set(requests).size) throw new InputError('store/duplicate')
}

async function dropBatch(tx: Tx, issuer: string, sequence: number): Promise<void> {
  const state = await stateOf(tx, issuer, sequence)
  if (state !== 'built' && state !== 'sent') throw wrongState(sequence, state)
  const runs = await tx.db
    .deleteFrom('runs')
    .where('issuer', '=', issuer)
    .where('sequence', '=', sequence)
    .returning(['first', 'last'])
    .execute()
  for (const { first, last } of runs) {
    const rows = Array.from({ length: last - first + 1 }, (_, i) => [
      first + i,
      issuer,
      open.durable,
    ])
    await tx.insert('open_copies', rows)
  }
  await tx.db
    .updateTable('requests')
    .set({ sequence: null })
    .where('issuer', '=', issuer)
    .where('sequence', '=', sequence)
    .execute()
  for (const table of ['words', 'trees', 'batches'] as const) {
    await tx.db
      .deleteFrom(table)
      .where('issuer', '=', issuer)
      .where('sequence', '=', sequence)
      .execute()
  }
}

async function whole(db: Kysely<Tables>, row: Selectable<Tables['batches']>): Promise<Batch> {
  const { issuer, sequence, previous, root, size } = row
  const tree = await db
    .selectFrom('trees')
    .select('leaves')
    .where('issuer', '=', issuer)
    .where('sequence', '=', sequence)
    .executeTakeFirstOrThrow()
  const words = await db
    .selectFrom('words')
    .select(['list', 'word', 'value'])
    .where('issuer', '=', issuer)
    .where('sequence', '=', sequence)
    .orderBy('list')
    .orderBy('word')
    .execute()
  const changes: StatusChange[] = words.map((word) => ({ ...word, value: BigInt(word.value) }))
  return {
    issuer,
    sequence,
    previous,
    root,
    size,
    leaves: bytes(tree.leaves),
    changes,
    transaction: transactionOf(row),
    state: row.state as Batch['state'],
  }
}

function transactionOf({ raw, hash, nonce }: Selectable<Tables['batches']>): Batch['transaction'] {
  return raw === null || hash === null || nonce === null ? undefined : { raw, hash, nonce }
}

function wordText(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}
