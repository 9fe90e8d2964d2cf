import { InputError } from '../../errors.ts'
import type { CertificateStore, CopyRecord } from '../../ports/certificates.ts'
import type { Backend, Tx } from './backend.ts'
import { copiesById } from './copyRows.ts'
import { fingerprintHash, type LookupKind, lookUp, textHash } from './lookups.ts'
import { planCopies } from './planCopies.ts'
import { runLength, runsOf } from './runs.ts'
import { scanIds } from './scanCopies.ts'
import { open } from './schema.ts'

/** What a department issued, in a database. */
export function certificateStore(backend: Backend): CertificateStore {
  return {
    plan: (copies) =>
      copies.length === 0
        ? Promise.resolve([])
        : backend.write((tx) => planCopies(backend, tx, copies)),
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
  kind: LookupKind,
  hashes: readonly number[],
): Promise<CopyRecord[]> {
  return backend.read(async (db) =>
    copiesById(backend, db, await lookUp(backend, db, kind, hashes)),
  )
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

function hex(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}
