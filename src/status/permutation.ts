import { sha256 } from '#primitives'
import { InputError } from '../errors.ts'
import { concat } from '../primitives/bytes.ts'
import { entriesPerList } from './word.ts'

const rounds = 10
const leftBits = 8
const rightBits = 9

/**
 * A list's secret order: which index the n-th copy gets, so that neighbouring indexes tell nothing
 * about who was served one after another.
 *
 * Ten rounds of a Feistel network over 8 and 9 of the 17 bits of an index. Each round adds a table
 * that SHA-256 fills from the key, so using the permutation costs ten look-ups; make it once a list.
 *
 * @param key at least 16 bytes, secret, one for each list.
 * @returns a function from counter to index, both `0 <= n < 131072`, that gives no index twice; it
 * throws `status/bad-index` outside.
 * @throws {InputError} `status/bad-index` for a shorter key.
 */
export function permutation(key: Uint8Array): (counter: number) => number {
  if (key.length < 16) throw new InputError('status/bad-index', { keyBytes: key.length })
  const tables = Array.from({ length: rounds }, (_, round) => tableOf(key, round))
  return (counter) => {
    if (!Number.isSafeInteger(counter) || counter < 0 || counter >= entriesPerList) {
      throw new InputError('status/bad-index', { counter })
    }
    let left = counter >>> rightBits
    let right = counter & (2 ** rightBits - 1)
    for (let round = 0; round < rounds; round += 2) {
      left ^= tables[round]![right]! & (2 ** leftBits - 1)
      right ^= tables[round + 1]![left]! & (2 ** rightBits - 1)
    }
    return (left << rightBits) | right
  }
}

/** 512 pseudo-random numbers of 16 bits. */
function tableOf(key: Uint8Array, round: number): Uint16Array {
  const label = new TextEncoder().encode('weir/status-index/1\0')
  const table = new Uint16Array(2 ** rightBits)
  for (let block = 0; block < table.length / 16; block += 1) {
    const digest = sha256(concat(label, key, Uint8Array.of(round, block)))
    for (let at = 0; at < 16; at += 1) {
      table[block * 16 + at] = (digest[2 * at]! << 8) | digest[2 * at + 1]!
    }
  }
  return table
}
