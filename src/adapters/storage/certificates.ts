import type { Kysely } from 'kysely'
import { InputError } from '../../errors.ts'
import type { CertificateStore, CopyRecord, CopyState, PlannedCopy } from '../../ports.ts'
import type { Backend, Tx } from './backend.ts'
import { copiesById, copyRow } from './copyRows.ts'
import {
  fingerprintHash,
  loadFilter,
  lookUp,
  lookupKinds,
  lookupRows,
  takeNumbers,
  textHash,
} from './lookups.ts'
import { runLength, runsOf } from './runs.ts'
import { open, openStates, type Tables } from './schema.ts'

/** What a department issued, in a database. */
export function certificateStore(backend: Backend): CertificateStore {
  return {
    plan: (copies) =>
      copies.length === 0 ? Promise.resolve([]) : backend.write((tx) => plan(backend, tx, copies)),
    sign: (signatures) =>
      signatures.length === 0 ? Promise.resolve() : backend.write((tx) => sign(tx, signatures)),
    byKeys: async (issuer, keys) => {
      const wanted = new Set(keys)
      const hashes = [...wanted].map((key) => textHash(issuer, key))
      const copies = await found(backend, 'key', hashes)
      return copies.filter((copy) => copy.issuer === issuer && wanted.has(copy.idempotencyKey))
    },
    byCertificates: async (issuer, certificates) => {
      const wanted = new Set(certificates)
      const hashes = [...wanted].map((certificate) => textHash(issuer, certificate))
      const copies = await found(backend, 'certificate', hashes)
      return copies.filter((copy) => copy.issuer === issuer && wanted.has(copy.certificate))
    },
    byFingerprints: async (issuer, fingerprints) => {
      const wanted = new Set(fingerprints.map(hex))
      const copies = await found(backend, 'fingerprint', fingerprints.map(fingerprintHash))
      return copies.filter((copy) => copy.issuer === issuer && wanted.has(hex(copy.fingerprint)))
    },
    scan: (issuer, after, limit, state) =>
      backend.read(async (db) => {
        const ids = await scanIds(db, issuer, after, limit, state)
        return copiesById(backend, db, ids)
      }),
  }
}

function found(
  backend: Backend,
  kind: 'key' | 'fingerprint' | 'certificate',
  hashes: readonly number[],
): Promise<CopyRecord[]> {
  return backend.read(async (db) =>
    copiesById(backend, db, await lookUp(backend, db, kind, hashes)),
  )
}

async function plan(backend: Backend, tx: Tx, copies: readonly PlannedCopy[]): Promise<number[]> {
  const keyHashes = copies.map(({ issuer, idempotencyKey }) => textHash(issuer, idempotencyKey))
  await loadFilter(backend, tx, copies.length)
  await refuseTaken(backend, tx, copies, keyHashes)
  const first = await takeNumbers(tx, 'copies', copies.length)
  const ids = copies.map((_, i) => first + i)
  await tx.insert(
    'copies',
    copies.map((copy, i) => copyRow(first + i, copy)),
  )
  await tx.insert(
    'open_copies',
    copies.map(({ issuer }, i) => [first + i, issuer, open.reserved]),
  )
  const hashes = {
    key: keyHashes,
    fingerprint: copies.map(({ fingerprint }) => fingerprintHash(fingerprint)),
    certificate: copies.map(({ issuer, certificate }) => textHash(issuer, certificate)),
  }
  for (const kind of lookupKinds) {
    await tx.insert('lookups', lookupRows(backend, kind, first, hashes[kind]))
  }
  return ids
}

async function refuseTaken(
  backend: Backend,
  tx: Tx,
  copies: readonly PlannedCopy[],
  keyHashes: readonly number[],
): Promise<void> {
  const taken = new Set<string>()
  const ids = await lookUp(backend, tx.db, 'key', keyHashes)
  if (ids.length > 0) {
    const rows = await tx.db
      .selectFrom('copies')
      .select(['issuer', 'idempotency_key', 'copy', 'format'])
      .where('id', 'in', backend.among(ids))
      .execute()
    for (const row of rows) taken.add(planKey({ ...row, idempotencyKey: row.idempotency_key }))
  }
  for (const copy of copies) {
    const key = planKey(copy)
    if (taken.has(key)) throw new InputError('store/duplicate', { copy: copy.copy })
    taken.add(key)
  }
}

/** What may be planned once only. */
function planKey(copy: {
  issuer: string
  idempotencyKey: string
  copy: number
  format: string
}): string {
  return `${copy.issuer}\n${copy.copy}\n${copy.format}\n${copy.idempotencyKey}`
}

async function sign(
  tx: Tx,
  signatures: readonly { id: number; signature: Uint8Array }[],
): Promise<void> {
  for (const run of runsOf(signatures.map(({ id }) => id))) {
    const { numUpdatedRows } = await tx.db
      .updateTable('open_copies')
      .set({ state: open.durable })
      .where('id', '>=', run.first)
      .where('id', '<=', run.last)
      .where('state', '=', open.reserved)
      .executeTakeFirstOrThrow()
    if (Number(numUpdatedRows) !== runLength(run)) throw new InputError('store/duplicate', run)
  }
  await tx.insert(
    'signatures',
    signatures.map(({ id, signature }) => [id, signature]),
  )
}

async function scanIds(
  db: Kysely<Tables>,
  issuer: string,
  after: number,
  limit: number,
  state: CopyState | undefined,
): Promise<number[]> {
  if (state === undefined) return copyIds(db, issuer, after, limit)
  const position = openStates.indexOf(state)
  const waiting = position < 0 ? [] : await openIds(db, issuer, after, limit, position)
  const batched = await batchedIds(db, issuer, after, limit, state === 'durable' ? 'built' : state)
  return [...waiting, ...batched].sort((a, b) => a - b).slice(0, limit)
}

async function copyIds(
  db: Kysely<Tables>,
  issuer: string,
  after: number,
  limit: number,
  last = Number.MAX_SAFE_INTEGER,
): Promise<number[]> {
  const rows = await db
    .selectFrom('copies')
    .select('id')
    .where('issuer', '=', issuer)
    .where('id', '>', after)
    .where('id', '<=', last)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

async function openIds(
  db: Kysely<Tables>,
  issuer: string,
  after: number,
  limit: number,
  state: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('open_copies')
    .select('id')
    .where('issuer', '=', issuer)
    .where('id', '>', after)
    .where('state', '=', state)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

async function batchedIds(
  db: Kysely<Tables>,
  issuer: string,
  after: number,
  limit: number,
  state: string,
): Promise<number[]> {
  const runs = await db
    .selectFrom('runs')
    .innerJoin('batches', (join) =>
      join
        .onRef('batches.issuer', '=', 'runs.issuer')
        .onRef('batches.sequence', '=', 'runs.sequence'),
    )
    .select(['runs.first', 'runs.last'])
    .where('runs.issuer', '=', issuer)
    .where('runs.last', '>', after)
    .where('batches.state', '=', state)
    .orderBy('runs.first')
    .limit(limit)
    .execute()
  const ids: number[] = []
  for (const { first, last } of runs) {
    for (let id = Math.max(first, after + 1); id <= last && ids.length < limit; id += 1)
      ids.push(id)
  }
  return ids
}

function hex(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}
