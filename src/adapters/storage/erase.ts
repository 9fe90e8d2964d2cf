import { InputError } from '../../errors.ts'
import type { ErasureStore } from '../../ports/certificates.ts'
import type { Backend, Tx } from './backend.ts'
import { copiesById } from './copyRows.ts'
import { bucketOf, textHash } from './lookups.ts'

/** What stands where a forgotten successor's idempotency key stood. */
const forgotten = 'erased'

/** Forgets what certificates say, in a database. */
export function erasureStore(backend: Backend): ErasureStore {
  return {
    erase: (issuer, ids) => backend.write((tx) => erase(backend, tx, issuer, ids)),
  }
}

async function erase(
  backend: Backend,
  tx: Tx,
  issuer: string,
  ids: readonly number[],
): Promise<void> {
  tx.forget()
  const copies = await copiesById(backend, tx.db, [...new Set(ids)])
  const isFinal = copies.every((copy) => copy.issuer === issuer && copy.state === 'final')
  if (!isFinal || copies.length !== new Set(ids).size) throw new InputError('store/wrong-state')
  for (const { id, idempotencyKey, certificate } of copies) {
    // Hashes of an identifier can be guessed back.
    const known = { key: idempotencyKey, certificate } as const
    for (const kind of ['key', 'certificate'] as const) {
      await tx.db
        .deleteFrom('lookups')
        .where('bucket', '=', bucketOf(backend, kind, id))
        .where('hash', '=', textHash(issuer, known[kind]))
        .where('id', '=', id)
        .execute()
    }
  }
  const keys = [...new Set(copies.map((copy) => copy.idempotencyKey))].filter((key) => key !== '')
  for (const key of keys) {
    await tx.db
      .updateTable('requests')
      .set({ successor: forgotten })
      .where('issuer', '=', issuer)
      .where('successor', '=', key)
      .execute()
  }
  await tx.db.deleteFrom('signatures').where('id', 'in', backend.among(ids)).execute()
  await tx.db
    .updateTable('copies')
    .set({
      idempotency_key: '',
      request_hash: '',
      certificate: '',
      signing_input: '',
      disclosures: '',
    })
    .where('id', 'in', backend.among(ids))
    .execute()
}
