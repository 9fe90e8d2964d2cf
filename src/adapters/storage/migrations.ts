import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { InputError } from '../../errors.ts'
import { columnsOf, type Kind, type Table, type Tables } from './schema.ts'

type Database = 'sqlite' | 'postgres'

const spelling: Record<Database, Record<Kind, 'integer' | 'bigint' | 'text' | 'blob' | 'bytea'>> = {
  sqlite: { int: 'integer', text: 'text', bytes: 'blob' },
  postgres: { int: 'bigint', text: 'text', bytes: 'bytea' },
}

/** Every table of the core and its primary key. */
const primaryKeys: readonly [Table, ...string[]][] = [
  ['counters', 'name'],
  ['copies', 'id'],
  ['lookups', 'bucket', 'hash', 'id'],
  ['signatures', 'id'],
  ['open_copies', 'id'],
  ['runs', 'first'],
  ['batches', 'issuer', 'sequence'],
  ['trees', 'issuer', 'sequence'],
  ['words', 'issuer', 'list', 'word', 'sequence'],
  ['lists', 'issuer', 'list'],
  ['fences', 'issuer'],
  ['requests', 'id'],
  ['held', 'id'],
  ['audit', 'id'],
]

/** Tables of the services. */
const serviceKeys: readonly [Table, ...string[]][] = [
  ['sessions', 'department', 'kind', 'name'],
  ['webhook_endpoints', 'department', 'id'],
  ['webhook_deliveries', 'department', 'endpoint', 'id'],
  ['webhook_progress', 'department', 'source'],
  ['leaf_files', 'id'],
  ['leaf_parts', 'file', 'part'],
  ['leaf_index', 'bucket', 'hash', 'file', 'position'],
  ['chain_steps', 'chain', 'id'],
]

/** Tables that on SQLite lie in the order of their key. */
const clustered: readonly Table[] = ['lookups', 'leaf_parts', 'leaf_index']

/** Rows that hang on another's; not where a row a certificate would pay for it. */
const references: Partial<Record<Table, [column: string, Table]>> = {
  runs: ['first', 'copies'],
}

const indexes: readonly [name: string, Table, ...string[]][] = [
  ['runs_by_batch', 'runs', 'issuer', 'sequence'],
  ['batches_by_state', 'batches', 'issuer', 'state', 'sequence'],
  ['words_by_batch', 'words', 'issuer', 'sequence'],
  ['requests_by_batch', 'requests', 'issuer', 'sequence', 'id'],
  ['requests_by_entry', 'requests', 'issuer', 'list', 'idx', 'id'],
]

const serviceIndexes: readonly [name: string, Table, ...string[]][] = [
  ['sessions_by_expiry', 'sessions', 'expires_at'],
  ['webhook_deliveries_due', 'webhook_deliveries', 'department', 'endpoint', 'state', 'next_at'],
  ['leaf_files_by_batch', 'leaf_files', 'issuer', 'sequence'],
]

/** Every change of the schema, in order, the same for both databases. */
function migrations(database: Database): Record<string, Migration> {
  return {
    '0001-stores': {
      async up(db: Kysely<unknown>) {
        await createTables(db, database, primaryKeys, indexes)
        for (const name of ['copies', 'requests', 'audit']) {
          await sql`insert into counters (name, value) values (${name}, 0)`.execute(db)
        }
      },
    },
    '0002-services': {
      async up(db: Kysely<unknown>) {
        await createTables(db, database, serviceKeys, serviceIndexes)
        for (const name of ['leaf_files', 'leaves', 'leaves_kept']) {
          await sql`insert into counters (name, value) values (${name}, 0)`.execute(db)
        }
      },
    },
    '0003-shared': {
      async up(db: Kysely<unknown>) {
        // A SQLite store has one process, which looks keys up before it plans; an index of random keys
        // would cost it a page a row. An erased copy has no key.
        if (database === 'sqlite') return
        await sql`create unique index copies_by_key on copies (issuer, idempotency_key, copy, format)
          where idempotency_key <> ''`.execute(db)
      },
    },
  }
}

async function createTables(
  db: Kysely<unknown>,
  database: Database,
  tables: typeof primaryKeys,
  on: typeof indexes,
): Promise<void> {
  for (const [table, ...key] of tables) await createTable(db, database, table, key)
  for (const [name, table, ...columns] of on) {
    await db.schema.createIndex(name).on(table).columns(columns).execute()
  }
}

async function createTable(
  db: Kysely<unknown>,
  database: Database,
  table: Table,
  key: string[],
): Promise<void> {
  const [only] = key.length === 1 ? key : []
  let builder = db.schema.createTable(table)
  for (const { name, kind, isNullable } of columnsOf(table)) {
    builder = builder.addColumn(name, spelling[database][kind], (column) => {
      const reference = references[table]?.[0] === name ? references[table][1] : undefined
      const keyed = name === only ? column.primaryKey() : column
      const bound = reference === undefined ? keyed : keyed.references(`${reference}.id`)
      return isNullable ? bound : bound.notNull()
    })
  }
  if (only === undefined) builder = builder.addPrimaryKeyConstraint(`${table}_key`, key as never)
  const isClustered = database === 'sqlite' && clustered.includes(table)
  await (isClustered ? builder.modifyEnd(sql`without rowid`) : builder).execute()
}

/**
 * Brings the schema up to this version; all of it or nothing, so a killed migration starts over.
 *
 * @throws {InputError} `store/newer-schema` if a newer Weir has written this store: use that one.
 */
export async function migrate(db: Kysely<Tables>, database: Database): Promise<void> {
  const known = migrations(database)
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } })
  await refuseNewer(db, known)
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

async function refuseNewer(db: Kysely<Tables>, known: Record<string, Migration>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  if (rows.some(({ name }) => !Object.hasOwn(known, name)))
    throw new InputError('store/newer-schema')
}
