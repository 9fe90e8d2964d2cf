import { type Kysely, type Selectable, sql } from 'kysely'
import type { CopyRecord, CopyState, PlannedCopy } from '../../ports/certificates.ts'
import type { Backend } from './backend.ts'
import { openStates, type Tables, type Value } from './schema.ts'
import { refuseIllFormed } from './wellFormed.ts'

/**
 * A planned copy as a row of `copies`.
 *
 * @throws {InputError} `json/ill-formed-text`, for the texts that come from outside.
 */
export function copyRow(id: number, copy: PlannedCopy): Value[] {
  refuseIllFormed([copy.idempotencyKey, copy.certificate])
  return [
    id,
    copy.issuer,
    copy.idempotencyKey,
    copy.copy,
    copy.format,
    copy.certificateType,
    copy.keyThumbprint,
    copy.fingerprint,
    copy.replaces ?? null,
    copy.certificate,
    copy.list,
    copy.index,
    copy.requestHash,
    copy.plannedAt.getTime(),
    copy.signingInput,
    copy.disclosures.join('~'),
  ]
}

type Row = Selectable<Tables['copies']> & {
  signature: Uint8Array | null
  open_state: number | null
  sequence: number | null
  batch_state: string | null
}

/** Copies with these ids, in id order, each with the state that its batch gives it. */
export async function copiesById(
  backend: Backend,
  db: Kysely<Tables>,
  ids: readonly number[],
): Promise<CopyRecord[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Row>`
    select c.*, s.signature, o.state as open_state, r.sequence, b.state as batch_state
    from copies c
    left join signatures s on s.id = c.id
    left join open_copies o on o.id = c.id
    left join runs r on r.last >= c.id and r.first =
      (select n.first from runs n where n.first <= c.id order by n.first desc limit 1)
    left join batches b on b.issuer = r.issuer and b.sequence = r.sequence
    where c.id in ${backend.among(ids)}
    order by c.id`.execute(db)
  return rows.map(copyRecord)
}

function copyRecord(row: Row): CopyRecord {
  return {
    id: row.id,
    issuer: row.issuer,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    copy: row.copy,
    format: row.format as CopyRecord['format'],
    certificateType: row.certificate_type,
    certificate: row.certificate,
    list: row.list,
    index: row.idx,
    keyThumbprint: row.key_thumbprint,
    signingInput: row.signing_input,
    disclosures: disclosuresOf(row.disclosures),
    fingerprint: bytes(row.fingerprint),
    replaces: row.replaces ?? undefined,
    plannedAt: new Date(row.planned_at),
    signature: row.signature === null ? undefined : bytes(row.signature),
    sequence: row.sequence ?? undefined,
    state: stateOf(row),
  }
}

/** Disclosures as they are stored: base64url has no tilde (RFC 9901 section 4). */
function disclosuresOf(text: string): string[] {
  return text === '' ? [] : text.split('~')
}

function stateOf(row: Row): CopyState {
  if (row.open_state !== null) return openStates[row.open_state] ?? 'reserved'
  return row.batch_state === 'built' ? 'durable' : (row.batch_state as CopyState)
}

/** A plain Uint8Array, whichever driver read it. */
export function bytes(value: Uint8Array): Uint8Array {
  return value.constructor === Uint8Array
    ? value
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}
