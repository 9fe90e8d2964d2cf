import type { ColumnType } from 'kysely'
import type { CopyState } from '../../ports/certificates.ts'

/** Kinds of columns, spelled by each database in its own way; `int` holds safe integers only. */
export type Kind = 'int' | 'text' | 'bytes'

/**
 * Every column of every table, in order. Migrations create them, bulk inserts name their types.
 * Times are milliseconds since 1970. A column that ends in `?` may be null.
 */
const columns = {
  counters: { name: 'text', value: 'int' },
  copies: {
    id: 'int',
    issuer: 'text',
    idempotency_key: 'text',
    copy: 'int',
    format: 'text',
    certificate_type: 'text',
    key_thumbprint: 'text',
    fingerprint: 'bytes',
    'replaces?': 'text',
    certificate: 'text',
    list: 'int',
    idx: 'int',
    request_hash: 'text',
    planned_at: 'int',
    signing_input: 'text',
    disclosures: 'text',
  },
  lookups: { bucket: 'int', hash: 'int', id: 'int' },
  signatures: { id: 'int', signature: 'bytes' },
  open_copies: { id: 'int', issuer: 'text', state: 'int' },
  runs: { first: 'int', last: 'int', issuer: 'text', sequence: 'int' },
  batches: {
    issuer: 'text',
    sequence: 'int',
    previous: 'text',
    root: 'text',
    size: 'int',
    state: 'text',
    'raw?': 'text',
    'hash?': 'text',
    'nonce?': 'int',
  },
  trees: { issuer: 'text', sequence: 'int', leaves: 'bytes' },
  words: { issuer: 'text', sequence: 'int', list: 'int', word: 'int', value: 'text' },
  lists: { issuer: 'text', list: 'int', key: 'bytes', next: 'int', closed: 'int' },
  fences: { issuer: 'text', list: 'int' },
  requests: {
    id: 'int',
    issuer: 'text',
    list: 'int',
    idx: 'int',
    status: 'text',
    'successor?': 'text',
    reason: 'text',
    legal_basis: 'text',
    operator: 'text',
    'approver?': 'text',
    requested_at: 'int',
    'sequence?': 'int',
  },
  held: { id: 'text', token: 'text', 'proof?': 'text', received_at: 'int' },
  audit: { id: 'int', hash: 'text', entry: 'text' },
  sessions: {
    department: 'text',
    kind: 'text',
    name: 'text',
    version: 'int',
    value: 'text',
    expires_at: 'int',
  },
  webhook_endpoints: {
    department: 'text',
    id: 'text',
    url: 'text',
    events: 'text',
    secret: 'text',
    state: 'text',
    'failing_since?': 'int',
    created_at: 'int',
  },
  webhook_deliveries: {
    department: 'text',
    endpoint: 'text',
    id: 'text',
    event: 'text',
    body: 'text',
    state: 'text',
    attempts: 'int',
    next_at: 'int',
    'last_status?': 'int',
    created_at: 'int',
  },
  webhook_progress: { department: 'text', source: 'text', position: 'int' },
  leaf_files: {
    id: 'int',
    issuer: 'text',
    sequence: 'int',
    root: 'text',
    size: 'int',
    bucket: 'int',
    tops: 'bytes',
  },
  leaf_parts: { file: 'int', part: 'int', leaves: 'bytes' },
  leaf_index: { bucket: 'int', hash: 'int', file: 'int', position: 'int' },
  chain_steps: {
    chain: 'text',
    id: 'int',
    number: 'int',
    hash: 'text',
    time: 'int',
    is_back: 'int',
    events: 'text',
  },
} as const satisfies Record<string, Record<string, Kind>>

type Cell<K extends Kind> = K extends 'int' ? number : K extends 'text' ? string : Uint8Array
type Columns = typeof columns

/** The tables as Kysely types them. */
export type Tables = {
  [T in keyof Columns]: {
    [C in keyof Columns[T] as C extends `${infer Name}?` ? Name : C]: Columns[T][C] extends Kind
      ? C extends `${string}?`
        ? ColumnType<Cell<Columns[T][C]> | null>
        : ColumnType<Cell<Columns[T][C]>>
      : never
  }
}

/** A table's name. */
export type Table = keyof Columns

/** A value as both drivers take it. */
export type Value = string | number | Uint8Array | null

/** Names and kinds of a table's columns, in order. */
export function columnsOf(table: Table): { name: string; kind: Kind; isNullable: boolean }[] {
  return Object.entries(columns[table]).map(([key, kind]) => ({
    name: key.replace('?', ''),
    kind,
    isNullable: key.endsWith('?'),
  }))
}

/** How `open_copies.state` is written; a copy in a batch has no row there. */
export const openStates: readonly CopyState[] = ['reserved', 'durable', 'refused']
/** Positions in {@link openStates}. */
export const open = { reserved: 0, durable: 1, refused: 2 } as const
