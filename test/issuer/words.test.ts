import { expect, test } from 'vitest'
import { memoryStore } from '../../src/adapters/storage/memory.ts'
import { maximumWords, wordsOf } from '../../src/issuer/words.ts'
import type { StatusRequest } from '../../src/ports/lists.ts'

const issuer = `0x${'d1'.repeat(20)}`
const request = (index: number, to: StatusRequest['to'] = 'revoked') =>
  ({ id: index, issuer, list: 0, index, to }) as StatusRequest
const lists = { ...memoryStore().lists, word: async () => 1n }

test('a change that its entry can no longer take stays behind, alone with what goes with it', async () => {
  const { changes, carried } = await wordsOf(lists, issuer, [
    [request(0)],
    [request(1)],
    [request(2), request(0, 'superseded')],
    [request(3, 'suspended')],
  ])
  expect(carried.flat().map(({ index }) => index)).toEqual([1, 3])
  expect(changes).toEqual([{ list: 0, word: 0, value: 0b10000101n }])
})

test('a batch changes 256 words at most, and what goes together is never parted', async () => {
  const apart = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => request((from + at) * 128 + 1))
  const fits = await wordsOf(lists, issuer, [apart(0, maximumWords - 1), apart(300, 2)])
  expect(fits.carried.map((unit) => unit.length)).toEqual([maximumWords - 1])
  const alone = await wordsOf(lists, issuer, [apart(0, maximumWords + 10)])
  expect(alone.changes).toHaveLength(maximumWords + 10)
})
