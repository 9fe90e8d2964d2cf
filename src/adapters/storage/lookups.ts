import { hash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Backend, Tx } from './backend.ts'
import type { Tables } from './schema.ts'

/** What copies are found by. */
export const lookupKinds = ['key', 'fingerprint', 'certificate'] as const
export type LookupKind = (typeof lookupKinds)[number]

/**
 * 48 bits under which a text is found. Whoever looks up compares the text itself afterwards: two
 * texts may share a number.
 */
export function textHash(issuer: string, text: string): number {
  return Number.parseInt(hash('sha256', `${issuer}\n${text}`).slice(0, 12), 16)
}

/** The same for a fingerprint: its first 48 bits. */
export function fingerprintHash(fingerprint: Uint8Array): number {
  let value = 0
  for (const byte of fingerprint.subarray(0, 6)) value = value * 256 + byte
  return value
}

/**
 * Random keys in one tree would touch a page a row; in buckets by age every insert falls into the
 * newest, which is small. A look-up asks each bucket.
 */
export function bucketOf(backend: Pick<Backend, 'span'>, kind: LookupKind, id: number): number {
  return Math.floor(id / backend.span) * lookupKinds.length + lookupKinds.indexOf(kind)
}

/** Ids of copies that may be meant by these hashes, in no order. */
export async function lookUp(
  backend: Backend,
  db: Kysely<Tables>,
  kind: LookupKind,
  hashes: readonly number[],
): Promise<number[]> {
  const wanted = [...new Set(hashes)]
  const count = await countBuckets(backend, db)
  const bucket = (place: number): number => bucketOf(backend, kind, place * backend.span)
  const filter = kind === 'key' ? backend.keyFilter : undefined
  if (filter === undefined) {
    const buckets = Array.from({ length: count }, (_, place) => bucket(place))
    return inBuckets(backend, db, buckets, wanted)
  }
  const ids: number[] = []
  for (const [place, some] of filter.candidates(wanted, count)) {
    ids.push(...(await inBuckets(backend, db, [bucket(place)], some)))
  }
  return ids
}

/** Hashes at which reading the buckets once for a filter is less work than asking each of them. */
const worthAFilter = 64

/** Readies the filter for a plan of `count` copies. */
export async function loadFilter(backend: Backend, tx: Tx, count: number): Promise<void> {
  const filter = backend.keyFilter
  if (filter === undefined || count < worthAFilter) return
  const buckets = await countBuckets(backend, tx.db)
  for (let place = 0; place < buckets; place += 1) {
    if (filter.isLoaded(place)) continue
    await filter.load(tx.db, place, bucketOf(backend, 'key', place * backend.span))
  }
}

/** Rows of `lookups` for one kind, noted in the filter too. */
export function lookupRows(
  backend: Backend,
  kind: LookupKind,
  firstId: number,
  hashes: readonly number[],
): number[][] {
  return hashes.map((one, i) => {
    const id = firstId + i
    if (kind === 'key') backend.keyFilter?.add(Math.floor(id / backend.span), one)
    return [bucketOf(backend, kind, id), one, id]
  })
}

async function inBuckets(
  backend: Backend,
  db: Kysely<Tables>,
  buckets: readonly number[],
  hashes: readonly number[],
): Promise<number[]> {
  if (hashes.length === 0) return []
  const rows = await db
    .selectFrom('lookups')
    .select('id')
    .where('bucket', 'in', backend.among(buckets))
    .where('hash', 'in', backend.among(hashes))
    .execute()
  return rows.map(({ id }) => id)
}

/** Buckets of each kind, the one that the next copy falls into included. */
async function countBuckets(backend: Backend, db: Kysely<Tables>): Promise<number> {
  return Math.floor(((await lastId(db)) + 1) / backend.span) + 1
}

/** The newest copy's id, 0 where there is none. */
async function lastId(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', 'copies')
    .executeTakeFirstOrThrow()
  return row.value
}

/** Takes `count` numbers from a counter; the first of them. Numbers are never given twice. */
export async function takeNumbers(
  tx: Tx,
  name: 'copies' | 'requests' | 'audit' | 'leaf_files' | 'leaves',
  count: number,
): Promise<number> {
  const row = await tx.db
    .updateTable('counters')
    .set((eb) => ({ value: eb('value', '+', count) }))
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow()
  return row.value - count + 1
}
