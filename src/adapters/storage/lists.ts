import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { InputError } from '../../errors.ts'
import type { ListIndex, ListStore, StatusRequest } from '../../ports/lists.ts'
import type { Backend, Tx } from './backend.ts'
import { bytes } from './copyRows.ts'
import { takeNumbers } from './lookups.ts'
import type { Tables } from './schema.ts'
import { refuseIllFormed } from './wellFormed.ts'

/** Entries in one status list, 2^17: 1,024 words of 128. */
export const listLength = 131072

type Entry = Awaited<ReturnType<ListStore['allocate']>>[number]
type NewRequest = Omit<StatusRequest, 'id' | 'sequence'>

/** Status lists and waiting changes, in a database. */
export function listStore(backend: Backend): ListStore & ListIndex {
  return {
    newestList: (issuer) =>
      backend.read(async (db) => {
        const newest = (table: 'lists' | 'fences') =>
          db
            .selectFrom(table)
            .select('list')
            .where('issuer', '=', issuer)
            .orderBy('list', 'desc')
            .limit(1)
            .executeTakeFirst()
        const row = await newest('lists')
        const fenced = await newest('fences')
        const last = Math.max(row?.list ?? -1, (fenced?.list ?? 0) - 1)
        return last < 0 ? undefined : last
      }),
    allocate: (issuer, count) => backend.write((tx) => allocate(tx, issuer, count), ['lists']),
    fence: (issuer, atLeast) => backend.write((tx) => fence(tx, issuer, atLeast)),
    addRequests: (requests) => backend.write((tx) => addRequests(tx, requests)),
    pendingRequests: (issuer, limit) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('requests')
          .selectAll()
          .where('issuer', '=', issuer)
          .where('sequence', 'is', null)
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(statusRequest)
      }),
    word: (issuer, list, word) =>
      backend.read(async (db) => {
        const row = await db
          .selectFrom('words')
          .select('value')
          .where('issuer', '=', issuer)
          .where('list', '=', list)
          .where('word', '=', word)
          .orderBy('sequence', 'desc')
          .limit(1)
          .executeTakeFirst()
        return row === undefined ? 0n : BigInt(row.value)
      }),
    requestsFor: (issuer, list, index) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('requests')
          .selectAll()
          .where('issuer', '=', issuer)
          .where('list', '=', list)
          .where('idx', '=', index)
          .orderBy('id')
          .execute()
        return rows.map(statusRequest)
      }),
  }
}

async function allocate(tx: Tx, issuer: string, count: number): Promise<Entry[]> {
  if (!Number.isSafeInteger(count) || count < 0) throw new InputError('store/bad-count')
  const entries: Entry[] = []
  while (entries.length < count) {
    const { list, key, next } = await openList(tx, issuer)
    const end = Math.min(listLength, next + count - entries.length)
    for (let counter = next; counter < end; counter += 1) entries.push({ list, counter, key })
    await tx.db
      .updateTable('lists')
      .set({ next: end })
      .where('issuer', '=', issuer)
      .where('list', '=', list)
      .execute()
  }
  return entries
}

async function openList(
  tx: Tx,
  issuer: string,
): Promise<{ list: number; key: Uint8Array; next: number }> {
  const last = await tx.db
    .selectFrom('lists')
    .selectAll()
    .where('issuer', '=', issuer)
    .orderBy('list', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last !== undefined && last.closed === 0 && last.next < listLength) {
    return { list: last.list, key: bytes(last.key), next: last.next }
  }
  const fenced = await fenceOf(tx, issuer)
  const list = Math.max(last === undefined ? 0 : last.list + 1, fenced)
  const key = new Uint8Array(randomBytes(32))
  await tx.insert('lists', [[issuer, list, key, 0, 0]])
  return { list, key, next: 0 }
}

async function fenceOf(tx: Tx, issuer: string): Promise<number> {
  const row = await tx.db
    .selectFrom('fences')
    .select('list')
    .where('issuer', '=', issuer)
    .executeTakeFirst()
  return row?.list ?? 0
}

async function fence(tx: Tx, issuer: string, atLeast: number): Promise<void> {
  await tx.db.updateTable('lists').set({ closed: 1 }).where('issuer', '=', issuer).execute()
  const list = Math.max(atLeast, await fenceOf(tx, issuer))
  await tx.db
    .insertInto('fences')
    .values({ issuer, list })
    .onConflict((conflict) => conflict.column('issuer').doUpdateSet({ list }))
    .execute()
}

async function addRequests(tx: Tx, requests: readonly NewRequest[]): Promise<number[]> {
  if (requests.length === 0) return []
  for (const { successor, reason, legalBasis, operator, approver } of requests) {
    refuseIllFormed([successor, reason, legalBasis, operator, approver])
  }
  const first = await takeNumbers(tx, 'requests', requests.length)
  const rows = requests.map((request, i) => [
    first + i,
    request.issuer,
    request.list,
    request.index,
    request.to,
    request.successor ?? null,
    request.reason,
    request.legalBasis,
    request.operator,
    request.approver ?? null,
    request.requestedAt.getTime(),
    null,
  ])
  await tx.insert('requests', rows)
  return requests.map((_, i) => first + i)
}

function statusRequest(row: Selectable<Tables['requests']>): StatusRequest {
  return {
    id: row.id,
    issuer: row.issuer,
    list: row.list,
    index: row.idx,
    to: row.status as StatusRequest['to'],
    successor: row.successor ?? undefined,
    reason: row.reason,
    legalBasis: row.legal_basis,
    operator: row.operator,
    approver: row.approver ?? undefined,
    requestedAt: new Date(row.requested_at),
    sequence: row.sequence ?? undefined,
  }
}
