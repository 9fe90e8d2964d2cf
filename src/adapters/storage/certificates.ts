import { InputError } from '../../errors.ts'
import type { CertificateStore, CopyRecord } from '../../ports/certificates.ts'
import { equalBytes } from '../../primitives/bytes.ts'
import type { Backend, Tx } from './backend.ts'
import { bytes, copiesById } from './copyRows.ts'
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
        : backend.write((tx) => planCopies(backend, tx, copies), []),
    sign: (signatures) =>
      signatures.length === 0
        ? Promise.resolve()
        : backend.write((tx) => sign(backend, tx, signatures), []),
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

type Signature = Parameters<CertificateStore['sign']>[0][number]

async function sign(backend: Backend, tx: Tx, signatures: readonly Signature[]): Promise<void> {
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
  await requireSamePlans(backend, tx, signatures)
  await tx.insert(
    'signatures',
    signatures.map(({ id, signature }) => [id, signature]),
  )
}

/** What was signed must still be what is planned: another process may have planned it anew. */
async function requireSamePlans(
  backend: Backend,
  tx: Tx,
  signatures: readonly Signature[],
): Promise<void> {
  const signed = new Map(signatures.map(({ id, fingerprint }) => [id, fingerprint]))
  const told = [...signed].flatMap(([id, fingerprint]) => (fingerprint === undefined ? [] : [id]))
  if (told.length === 0) return
  const rows = await tx.db
    .selectFrom('copies')
    .select(['id', 'fingerprint'])
    .where('id', 'in', backend.among(told))
    .execute()
  for (const { id, fingerprint } of rows) {
    if (!equalBytes(bytes(fingerprint), signed.get(id)!)) {
      throw new InputError('store/duplicate', { id })
    }
  }
}

function hex(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
}
