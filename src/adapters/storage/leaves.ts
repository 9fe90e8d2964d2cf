import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { partSize, pathThrough, splitLeaves, topTree } from '../../anchor/split.ts'
import type { Tree } from '../../anchor/tree.ts'
import type { LeafFile, LeafPlace, LeafPrefix, LeafStore } from '../../ports/mirror.ts'
import type { Backend, Tx } from './backend.ts'
import { bytes } from './copyRows.ts'
import { fingerprintHash, takeNumbers } from './lookups.ts'
import type { Tables } from './schema.ts'

/**
 * Leaves of one bucket. Leaves are random: in one tree each would touch a page of its own. A bucket is
 * about 10 MB, which stays in memory while it fills, and a look-up asks each bucket: 20 at ten million.
 */
const bucketSpan = 2 ** 19

/** Rows inserted before others have their turn. */
const slice = 4096

/** As text of a statement: PostgreSQL would take a parameter for a text. */
const part = sql.raw(String(partSize))

/** Proofs made before others have their turn. */
const turn = 16

/** Bytes of upper trees at hand; one of a batch of 10,000 has 10 kB, and making it takes 156 hashes. */
const keptBytes = 32 * 1024 * 1024

/** Leaf files and their index, in a database. */
export function leafStore(backend: Backend): LeafStore {
  const trees = new Map<number, Tree>()
  let bytesKept = 0
  const treeOf = async (db: Kysely<Tables>, file: number): Promise<Tree> => {
    const known = trees.get(file)
    if (known !== undefined) return known
    const tree = topTree(await topsOf(db, file))
    if (trees.has(file)) return tree
    trees.set(file, tree)
    bytesKept += bytesOf(tree)
    // The oldest go; which one is used next nobody can tell from random leaves.
    for (const [name, old] of trees) {
      if (bytesKept <= keptBytes) break
      trees.delete(name)
      bytesKept -= bytesOf(old)
    }
    return tree
  }
  return {
    put: (file) => backend.write((tx) => put(tx, file)),
    kept: (issuer, after, limit) =>
      backend.read((db) =>
        db
          .selectFrom('leaf_files')
          .select(['sequence', 'root', 'size'])
          .where('issuer', '=', issuer)
          .where('sequence', '>', after)
          .orderBy('sequence')
          .limit(limit)
          .execute(),
      ),
    file: (issuer, sequence) =>
      backend.read(async (db) => {
        const row = await fileOf(db, issuer, sequence)
        return row && { issuer, sequence, root: row.root, leaves: await leavesOf(db, row) }
      }),
    range: (prefix, limit) =>
      backend.read(async (db) => {
        const leaf = sql<Uint8Array>`substr(p.leaves, cast(i.position % ${part} as integer) * 32 + 1, 32)`
        const rows = await range(backend, db, prefix, limit, leaf)
        return rows.map((row) => place(row, bytes(row.found).slice()))
      }),
    proofs: (prefix, limit) =>
      backend.read(async (db) => {
        const rows = await range(backend, db, prefix, limit, sql<Uint8Array>`p.leaves`)
        const proven = []
        for (const [count, row] of rows.entries()) {
          // Hundreds of proofs take a while, and nobody else shall wait for all of them.
          if (count % turn === turn - 1) await new Promise(setImmediate)
          const own = bytes(row.found)
          const at = (row.position % partSize) * 32
          const path = pathThrough(own, await treeOf(db, row.file), row.position)
          proven.push({ ...place(row, own.slice(at, at + 32)), path })
        }
        return proven
      }),
    count: () => backend.read((db) => counter(db, 'leaves_kept')),
  }
}

function bytesOf({ levels }: Tree): number {
  return levels.reduce((sum, level) => sum + level.length, 0)
}

/** The numbers whose leaves begin with a prefix, as the first 48 bits spell them. */
export function boundsOf({ bits, value }: LeafPrefix): { first: number; last: number } {
  const width = 2 ** (48 - bits)
  return { first: value * width, last: value * width + width - 1 }
}

async function put(tx: Tx, { issuer, sequence, root, leaves }: LeafFile): Promise<void> {
  const size = leaves.length / 32
  const old = await fileOf(tx.db, issuer, sequence)
  if (old?.root === root) return
  if (old !== undefined) await remove(tx, old)
  const id = await takeNumbers(tx, 'leaf_files', 1)
  const bucket = Math.floor((await takeNumbers(tx, 'leaves', size)) / bucketSpan)
  const { parts, tops } = splitLeaves(leaves)
  await tx.insert('leaf_files', [[id, issuer, sequence, root, size, bucket, tops]])
  await inTurns(tx, 'leaf_parts', parts.length, (at) => [id, at, parts[at]!])
  await inTurns(tx, 'leaf_index', size, (at) => {
    return [bucket, fingerprintHash(leaves.subarray(at * 32, at * 32 + 6)), id, at]
  })
  await addKept(tx, size - (old?.size ?? 0))
}

type Row = Selectable<Tables['leaf_files']>

async function remove(tx: Tx, { id, bucket }: Row): Promise<void> {
  await tx.db.deleteFrom('leaf_index').where('bucket', '=', bucket).where('file', '=', id).execute()
  await tx.db.deleteFrom('leaf_parts').where('file', '=', id).execute()
  await tx.db.deleteFrom('leaf_files').where('id', '=', id).execute()
}

async function inTurns(
  tx: Tx,
  table: 'leaf_parts' | 'leaf_index',
  count: number,
  row: (at: number) => (number | Uint8Array)[],
): Promise<void> {
  for (let first = 0; first < count; first += slice) {
    const length = Math.min(slice, count - first)
    await tx.insert(
      table,
      Array.from({ length }, (_, at) => row(first + at)),
    )
    await new Promise(setImmediate)
  }
}

async function addKept(tx: Tx, count: number): Promise<void> {
  await tx.db
    .updateTable('counters')
    .set((eb) => ({ value: eb('value', '+', count) }))
    .where('name', '=', 'leaves_kept')
    .execute()
}

type Found = Pick<Row, 'issuer' | 'sequence' | 'root' | 'size'> & {
  readonly file: number
  readonly position: number
  readonly found: Uint8Array
}

async function range(
  backend: Backend,
  db: Kysely<Tables>,
  prefix: LeafPrefix,
  limit: number,
  found: RawBuilder<Uint8Array>,
): Promise<Found[]> {
  const { first, last } = boundsOf(prefix)
  const newest = Math.floor((await counter(db, 'leaves')) / bucketSpan)
  const buckets = Array.from({ length: newest + 1 }, (_, bucket) => bucket)
  const { rows } = await sql<Found>`
    select i.file, i.position, f.issuer, f.sequence, f.root, f.size, ${found} as found
    from (select * from leaf_index
      where bucket in ${backend.among(buckets)} and hash between ${first} and ${last}
      order by hash, file limit ${limit}) i
    join leaf_files f on f.id = i.file
    join leaf_parts p on p.file = i.file and p.part = i.position / ${part}
    order by i.hash, i.file`.execute(db)
  return rows
}

function place({ issuer, sequence, root, size, position }: Found, leaf: Uint8Array): LeafPlace {
  return { issuer, sequence, root, size, index: position, leaf }
}

async function topsOf(db: Kysely<Tables>, file: number): Promise<Uint8Array> {
  const query = db.selectFrom('leaf_files').select('tops').where('id', '=', file)
  return bytes((await query.executeTakeFirstOrThrow()).tops)
}

async function leavesOf(db: Kysely<Tables>, { id, size }: Row): Promise<Uint8Array> {
  const rows = await db
    .selectFrom('leaf_parts')
    .select('leaves')
    .where('file', '=', id)
    .orderBy('part')
    .execute()
  const leaves = new Uint8Array(size * 32)
  for (const [at, row] of rows.entries()) leaves.set(row.leaves, at * partSize * 32)
  return leaves
}

function fileOf(db: Kysely<Tables>, issuer: string, sequence: number): Promise<Row | undefined> {
  return db
    .selectFrom('leaf_files')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
}

async function counter(db: Kysely<Tables>, name: string): Promise<number> {
  const query = db.selectFrom('counters').select('value').where('name', '=', name)
  return (await query.executeTakeFirstOrThrow()).value
}
