import type { StatusReader } from '../ports/chain.ts'
import { wordsPerList } from '../status/word.ts'

/**
 * The words of a whole list that are not zero, by number, all at the block of `reader`. 1,024 questions:
 * ask a mirror, which answers them from memory.
 *
 * @throws as `statusWord`
 */
export async function listWords(
  reader: StatusReader,
  department: string,
  list: number,
): Promise<ReadonlyMap<number, bigint>> {
  const values = await Promise.all(
    Array.from({ length: wordsPerList }, (_, word) => reader.statusWord(department, list, word)),
  )
  return new Map([...values.entries()].filter(([, value]) => value !== 0n))
}
