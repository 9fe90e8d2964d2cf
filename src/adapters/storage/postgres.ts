import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { InputError, OutsideError } from '../../errors.ts'
import type { Backend, Turn } from './backend.ts'
import { GroupCommit } from './groupCommit.ts'
import { migrate } from './migrations.ts'
import { columnsOf, type Kind, type Table, type Tables, type Value } from './schema.ts'
import { storeError } from './storeErrors.ts'

/** A PostgreSQL store's backend. */
export type PostgresBackend = Backend & {
  faults(): Promise<string[]>
  backup(path: string): Promise<void>
  close(): Promise<void>
}

/** Any number; every Weir on one database takes this lock, shared or alone, before it writes. */
const writerLock = 0x57454952
/** Beside it, one for each turn. */
const turnLocks: Readonly<Record<Turn, number>> = { audit: 1, lists: 2 }

const arrayTypes: Record<Kind, string> = { int: 'bigint[]', text: 'text[]', bytes: 'bytea[]' }

/** OID of `bigint`; ours are all safe integers. */
const bigintOid = 20

/**
 * Opens a store in a PostgreSQL database that several processes share. They plan and sign beside one
 * another: ids are taken at once and for good, a key is planned once by a unique index, rows are locked
 * where they change. They take turns at status entries and at the audit chain, and whoever builds or moves
 * a batch writes alone. A process that dies holds nothing: its locks and its transaction end with it.
 *
 * @param url `postgres://user@host/database`; the password may come from the environment or `.pgpass`.
 * @throws {OutsideError} `store/unavailable` if the database does not answer.
 * @throws {InputError} `store/newer-schema`.
 */
export async function openPostgres(url: string): Promise<PostgresBackend> {
  const pool = openPool(url)
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const commits = new GroupCommit({
    db,
    begin: async (connection, turns) => {
      await sql`begin isolation level read committed`.execute(connection)
      if (turns === undefined) {
        await sql`select pg_advisory_xact_lock(${writerLock})`.execute(connection)
        return
      }
      await sql`select pg_advisory_xact_lock_shared(${writerLock})`.execute(connection)
      for (const turn of turns) {
        await sql`select pg_advisory_xact_lock(${writerLock}, ${turnLocks[turn]})`.execute(
          connection,
        )
      }
    },
    insert,
  })
  const close = async (): Promise<void> => {
    await commits.close()
    await db.destroy()
  }
  try {
    await migrate(db, 'postgres')
  } catch (error) {
    await close()
    throw storeError(error)
  }
  let isClosed = false
  return {
    span: Number.MAX_SAFE_INTEGER,
    write: (work, turns) => commits.write(work, turns),
    takeIds: async (count) => {
      const { rows } = await sql<{ value: number }>`
        update counters set value = value + ${count} where name = 'copies' returning value`.execute(
        db,
      )
      return (rows[0]?.value ?? 0) - count + 1
    },
    read: async (work) => {
      if (isClosed) throw new OutsideError('store/unavailable', { reason: 'closed' })
      return work(db).catch((error) => Promise.reject(storeError(error)))
    },
    among: (values) => sql<number>`(select unnest(${[...values]}::bigint[]))`,
    faults: async () => [],
    backup: async () => {
      throw new InputError('store/no-backup')
    },
    close: async () => {
      if (isClosed) return
      isClosed = true
      await close()
    },
  }
}

function openPool(url: string): pg.Pool {
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === bigintOid ? Number : pg.types.getTypeParser(oid, format as 'text'),
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 10_000,
    types: types as pg.CustomTypesConfig,
    options:
      '-c synchronous_commit=on -c lock_timeout=30000 -c idle_in_transaction_session_timeout=30000',
  })
  // A connection that the server ends, idle or between two statements, is reported by the next query;
  // without a listener it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** One statement for all rows: an array for each column. */
async function insert(
  db: Kysely<Tables>,
  table: Table,
  rows: readonly (readonly Value[])[],
): Promise<void> {
  if (rows.length === 0) return
  const columns = columnsOf(table)
  const arrays = columns.map(({ kind }, i) => {
    const values = rows.map((row) => asParameter(row[i] ?? null))
    return sql`${values}::${sql.raw(arrayTypes[kind])}`
  })
  const names = sql.join(columns.map(({ name }) => sql.ref(name)))
  await sql`insert into ${sql.table(table)} (${names}) select * from unnest(${sql.join(arrays)})`.execute(
    db,
  )
}

/** The driver escapes Buffers inside arrays, other byte arrays it would write as JSON. */
function asParameter(value: Value): unknown {
  if (!(value instanceof Uint8Array)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
