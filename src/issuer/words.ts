import { isWeirError } from '../errors.ts'
import type { ListStore, StatusRequest } from '../ports/lists.ts'
import type { StatusChange } from '../status/model.ts'
import { changed, wordOf } from '../status/word.ts'

/** Most words that one batch changes: about 25,000 gas each. */
export const maximumWords = 256

/** Requests that go together or not at all: one alone, or all that one successor replaces. */
export type Unit = readonly StatusRequest[]

/**
 * The words that these requests leave.
 *
 * @param units with at most one request for each entry, oldest first.
 * @returns changed words, and the units that they carry: as many as {@link maximumWords} words hold
 * (the first always). A unit that an entry can no longer take stays behind for the clerk.
 */
export async function wordsOf(
  lists: ListStore,
  issuer: string,
  units: readonly Unit[],
): Promise<{ changes: StatusChange[]; carried: Unit[] }> {
  let words = new Map<string, StatusChange>()
  const carried: Unit[] = []
  for (const unit of units) {
    const next = await apply(lists, issuer, unit, words)
    if (next === undefined) continue
    if (words.size > 0 && next.size > maximumWords) break
    words = next
    carried.push(unit)
  }
  return { changes: [...words.values()], carried }
}

/** The words after one more unit; undefined if an entry does not take its change. */
async function apply(
  lists: ListStore,
  issuer: string,
  unit: Unit,
  words: ReadonlyMap<string, StatusChange>,
): Promise<Map<string, StatusChange> | undefined> {
  const next = new Map(words)
  for (const { list, index, to } of unit) {
    const { word, entry } = wordOf(index)
    const name = `${list}/${word}`
    const value = next.get(name)?.value ?? (await lists.word(issuer, list, word))
    try {
      next.set(name, { list, word, value: changed(value, entry, to) })
    } catch (error) {
      if (!isWeirError(error)) throw error
      return undefined
    }
  }
  return next
}
