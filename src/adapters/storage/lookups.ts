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
  return hash('sha256', `${issuer}\n${text}`, 'buffer').readUIntBE(0, 6)
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
  if (hashes.length === 0) return []
  const last = await lastId(db)
  const buckets: number[] = []
  for (let id = 0; id <= last; id += backend.span) buckets.push(bucketOf(backend, kind, id))
  const rows = await db
    .selectFrom('lookups')
    .select('id')
    .where('bucket', 'in', backend.among(buckets))
    .where('hash', 'in', backend.among([...new Set(hashes)]))
    .execute()
  return rows.map(({ id }) => id)
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
  name: 'copies' | 'requests' | 'audit',
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
