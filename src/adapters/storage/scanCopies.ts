import type { Kysely } from 'kysely'
import type { CopyState } from '../../ports/certificates.ts'
import { openStates, type Tables } from './schema.ts'

/**
 * Ids of an issuer's copies in a state, or of all, after an id, in order.
 *
 * A copy in a batch has no state of its own: its batch has, so a batch's change is one row.
 */
export async function scanIds(
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
