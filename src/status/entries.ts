import { InputError } from '../errors.ts'
import { type Status, statuses } from './model.ts'
import { entriesPerList, entriesPerWord, wordsPerList } from './word.ts'

/** Statuses of a whole list, one byte an entry: 0 valid, 1 revoked, 2 suspended, 3 superseded. */
export type Entries = Uint8Array

/**
 * Opens the words of a list.
 *
 * @param words by number, as StatusRegistry holds them; absent ones are zero, so all valid.
 * @throws {InputError} `status/bad-index` for a word that no list has.
 */
export function entriesOf(words: ReadonlyMap<number, bigint>): Entries {
  const entries = new Uint8Array(entriesPerList)
  for (const [word, value] of words) {
    if (!Number.isInteger(word) || word < 0 || word >= wordsPerList) {
      throw new InputError('status/bad-index', { word })
    }
    let rest = BigInt.asUintN(256, value)
    for (let at = word * entriesPerWord; rest !== 0n; at += 1, rest >>= 2n) {
      entries[at] = Number(rest & 3n)
    }
  }
  return entries
}

/** The status of one entry. @throws {InputError} `status/bad-index` */
export function statusAt(entries: Entries, index: number): Status {
  const status = statuses[entries[index] ?? 4]
  if (status === undefined) throw new InputError('status/bad-index', { index })
  return status
}
