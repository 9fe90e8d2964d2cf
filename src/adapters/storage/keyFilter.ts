import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** Positions a hash may mark; with 16,384 hashes a bucket, 1 stranger in 10,000 seems known. */
const positions = 2 ** 19
const probes = 5

/** Buckets that share one array: position `p` holds one bit for each of them. */
const groupSize = 32

type Group = { readonly marks: Uint32Array; loaded: number }

/**
 * Which buckets may hold a hash, so that a new idempotency key costs the same at a million copies as
 * at a thousand. Bloom filters in memory, made on first need, 64 KiB a bucket; only for a store that
 * this process alone writes. They may name a bucket that has nothing; they never leave one out.
 */
export class KeyFilter {
  readonly #groups: Group[] = []

  /** Whether bucket number `place` has its filter. */
  isLoaded(place: number): boolean {
    const group = this.#groups[Math.floor(place / groupSize)]
    return group !== undefined && (group.loaded & bitOf(place)) !== 0
  }

  /**
   * Makes the filter of a bucket. Within a transaction, since nobody else inserts meanwhile: a filter
   * made from older rows would leave hashes out.
   */
  async load(db: Kysely<Tables>, place: number, bucket: number): Promise<void> {
    const rows = await db
      .selectFrom('lookups')
      .select('hash')
      .where('bucket', '=', bucket)
      .execute()
    const group = this.#group(place)
    group.loaded |= bitOf(place)
    for (const { hash } of rows) mark(group.marks, bitOf(place), hash)
  }

  /** Notes a hash that is being inserted; if its transaction is undone, the note does no harm. */
  add(place: number, hash: number): void {
    if (this.isLoaded(place)) mark(this.#group(place).marks, bitOf(place), hash)
  }

  /** Which of `hashes` each of the first `count` buckets may hold; all of them where it has no filter. */
  candidates(hashes: readonly number[], count: number): Map<number, number[]> {
    const found = new Map<number, number[]>()
    for (let first = 0; first < count; first += groupSize) {
      const group = this.#groups[first / groupSize]
      const wanted = count - first >= groupSize ? -1 : 2 ** (count - first) - 1
      for (const hash of hashes) {
        let bits = (group === undefined ? -1 : marked(group, hash)) & wanted
        for (; bits !== 0; bits &= bits - 1) {
          const place = first + 31 - Math.clz32(bits & -bits)
          const some = found.get(place)
          if (some === undefined) found.set(place, [hash])
          else some.push(hash)
        }
      }
    }
    return found
  }

  #group(place: number): Group {
    const at = Math.floor(place / groupSize)
    for (let i = this.#groups.length; i <= at; i += 1) {
      this.#groups.push({ marks: new Uint32Array(positions), loaded: 0 })
    }
    return this.#groups[at] as Group
  }
}

function bitOf(place: number): number {
  return 1 << (place % groupSize)
}

function mark(marks: Uint32Array, bit: number, hash: number): void {
  const step = Math.floor(hash / 0x1000000) | 1
  for (let i = 0, at = hash % 0x1000000; i < probes; i += 1, at += step) {
    marks[at % positions] = (marks[at % positions] ?? 0) | bit
  }
}

/** One bit for each bucket of the group that may hold the hash. */
function marked({ marks, loaded }: Group, hash: number): number {
  const step = Math.floor(hash / 0x1000000) | 1
  let bits = loaded
  for (let i = 0, at = hash % 0x1000000; i < probes && bits !== 0; i += 1, at += step) {
    bits &= marks[at % positions] ?? 0
  }
  return bits | ~loaded
}
