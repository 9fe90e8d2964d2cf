import { InputError } from '../../errors.ts'
import type { PlannedCopy } from '../../ports/certificates.ts'
import type { Backend, Tx } from './backend.ts'
import { copyRow } from './copyRows.ts'
import {
  fingerprintHash,
  loadFilter,
  lookUp,
  lookupKinds,
  lookupRows,
  takeNumbers,
  textHash,
} from './lookups.ts'
import { open } from './schema.ts'

/** Stores plans under new ids, all or none. Ids of what is refused are given to nobody else. */
export async function planCopies(
  backend: Backend,
  tx: Tx,
  copies: readonly PlannedCopy[],
): Promise<number[]> {
  const keyHashes = copies.map(({ issuer, idempotencyKey }) => textHash(issuer, idempotencyKey))
  await loadFilter(backend, tx, copies.length)
  await refuseTaken(backend, tx, copies, keyHashes)
  const count = copies.length
  const first = (await backend.takeIds?.(count)) ?? (await takeNumbers(tx, 'copies', count))
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
