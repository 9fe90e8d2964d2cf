import { InputError } from '../errors.ts'
import { type Status, statuses } from './model.ts'

/** Entries in one word of StatusRegistry. */
export const entriesPerWord = 128

/** Entries in one list: the least that keeps a copy hidden in the crowd, W3C Bitstring Status List section 6.1. */
export const entriesPerList = 131_072

/** Words in one list. */
export const wordsPerList = entriesPerList / entriesPerWord

const codeOf = { valid: 0n, revoked: 1n, suspended: 2n, superseded: 3n } as const

/**
 * Where an entry of a list stands.
 *
 * @param index `0 <= index < 131072`.
 * @throws {InputError} `status/bad-index`
 */
export function wordOf(index: number): { word: number; entry: number } {
  if (!Number.isSafeInteger(index) || index < 0 || index >= entriesPerList) {
    throw new InputError('status/bad-index', { index })
  }
  return { word: Math.floor(index / entriesPerWord), entry: index % entriesPerWord }
}

/** The status at bits `2 * entry` and `2 * entry + 1` of a word. */
export function statusIn(word: bigint, entry: number): Status {
  return statuses[Number((word >> shiftOf(entry)) & 3n)]!
}

/** Whether nothing can follow: revoked and superseded (the low bit). */
export function isFinal(status: Status): boolean {
  return status === 'revoked' || status === 'superseded'
}

/** Whether StatusRegistry takes this change: 0 to 1, 2, 3 and 2 to 0, 1, 3. */
export function isAllowed(from: Status, to: Status): boolean {
  return from !== to && !isFinal(from)
}

/**
 * The word after one entry changed; all others stay as they are.
 *
 * @throws {InputError} `status/final` if the entry can change no more, `status/unchanged` if it is
 * `to` already, `status/bad-index` for an entry outside 0 to 127.
 */
export function changed(word: bigint, entry: number, to: Status): bigint {
  const from = statusIn(word, entry)
  if (from === to) throw new InputError('status/unchanged', { entry, status: to })
  if (!isAllowed(from, to)) throw new InputError('status/final', { entry, status: from })
  const shift = shiftOf(entry)
  return (word & ~(3n << shift)) | (codeOf[to] << shift)
}

/** Whether StatusRegistry takes `after` over `before`: every entry the same or moved as allowed, and one moved. */
export function isAllowedWord(before: bigint, after: bigint): boolean {
  if (before === after || after < 0n || after >> 256n !== 0n) return false
  const final = before & lowBits
  // An entry whose low bit is set must keep both bits.
  return ((before ^ after) & (final | (final << 1n))) === 0n
}

const lowBits = BigInt(`0x${'55'.repeat(32)}`)

function shiftOf(entry: number): bigint {
  if (!Number.isInteger(entry) || entry < 0 || entry >= entriesPerWord) {
    throw new InputError('status/bad-index', { entry })
  }
  return BigInt(entry * 2)
}
