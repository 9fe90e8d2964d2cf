import type { Kysely } from 'kysely'
import type { Tx } from './backend.ts'
import type { Tables } from './schema.ts'

/** Bits for one bucket's hashes; with 16,384 hashes, 2 in 10,000 strangers seem known. */
const filterBits = 2 ** 19
const probes = 5

/**
 * Which buckets may hold a hash, so that a new idempotency key costs the same at a million copies as
 * at a thousand. A Bloom filter a bucket, in memory, made on first need; only for a store that this
 * process alone writes. It may name a bucket that has nothing; it never leaves one out.
 */
export class KeyFilter {
  readonly #buckets = new Map<number, Uint32Array>()

  /** Notes a hash that `tx` inserts; if `tx` is undone, the note does no harm. */
  add(bucket: number, hash: number): void {
    const bits = this.#buckets.get(bucket)
    if (bits !== undefined) mark(bits, hash)
  }

  /**
   * Makes the filters of buckets that have none yet. Within a transaction, since nobody else inserts
   * meanwhile: a filter made from older rows would leave hashes out.
   */
  async load(tx: Tx, buckets: readonly number[]): Promise<void> {
    for (const bucket of buckets) {
      if (!this.#buckets.has(bucket)) this.#buckets.set(bucket, await filled(tx.db, bucket))
    }
  }

  /** Those of `hashes` that `bucket` may hold; all of them where it has no filter yet. */
  candidates(bucket: number, hashes: readonly number[]): readonly number[] {
    const bits = this.#buckets.get(bucket)
    return bits === undefined ? hashes : hashes.filter((hash) => isMarked(bits, hash))
  }
}

async function filled(db: Kysely<Tables>, bucket: number): Promise<Uint32Array> {
  const bits = new Uint32Array(filterBits / 32)
  const rows = await db.selectFrom('lookups').select('hash').where('bucket', '=', bucket).execute()
  for (const { hash } of rows) mark(bits, hash)
  return bits
}

function mark(bits: Uint32Array, hash: number): void {
  const step = Math.floor(hash / 0x1000000) | 1
  let at = hash % 0x1000000
  for (let i = 0; i < probes; i += 1) {
    const bit = at % filterBits
    const word = bit >>> 5
    bits[word] = (bits[word] ?? 0) | (1 << (bit & 31))
    at += step
  }
}

function isMarked(bits: Uint32Array, hash: number): boolean {
  const step = Math.floor(hash / 0x1000000) | 1
  let at = hash % 0x1000000
  for (let i = 0; i < probes; i += 1) {
    const bit = at % filterBits
    if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false
    at += step
  }
  return true
}
