import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { builtBatch, issuer, otherIssuer, request } from './samples.ts'

/** What every ListStore promises, each test on an empty store. */
export function listStoreSuite(open: () => Promise<Store>): void {
  describe('list store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const places = async (count: number, of = issuer): Promise<string[]> =>
      (await store.lists.allocate(of, count)).map(({ list, counter }) => `${list}:${counter}`)

    test('entries are counted from list 0, entry 0, each once', async () => {
      expect(await places(2)).toEqual(['0:0', '0:1'])
      expect(await places(1)).toEqual(['0:2'])
      expect(await places(0)).toEqual([])
    })

    test('a number of entries that is none is refused', async () => {
      for (const count of [-1, 1.5, Number.NaN]) {
        const asked = store.lists.allocate(issuer, count)
        await expect(asked).rejects.toMatchObject({ code: 'store/bad-count' })
      }
    })

    test('each list has one key of 32 bytes, and no other list has it', async () => {
      const [one, two] = await store.lists.allocate(issuer, 2)
      const [three] = await store.lists.allocate(issuer, 1)
      const [other] = await store.lists.allocate(otherIssuer, 1)
      expect(one?.key).toHaveLength(32)
      expect(two?.key).toEqual(one?.key)
      expect(three?.key).toEqual(one?.key)
      expect(other?.key).not.toEqual(one?.key)
    })

    test('departments count for themselves', async () => {
      expect(await places(1)).toEqual(['0:0'])
      expect(await places(1, otherIssuer)).toEqual(['0:0'])
    })

    test('a full list is followed by the next, within one call', async () => {
      await store.lists.allocate(issuer, 131071)
      const [last, first] = await store.lists.allocate(issuer, 2)
      expect([last?.list, last?.counter]).toEqual([0, 131071])
      expect([first?.list, first?.counter]).toEqual([1, 0])
      expect(first?.key).not.toEqual(last?.key)
    })

    test('entries asked for at the same time are all different', async () => {
      const asked = await Promise.all(Array.from({ length: 50 }, () => places(3)))
      expect(new Set(asked.flat()).size).toBe(150)
    })

    test('K6: after a fence no entry of an old list is given again', async () => {
      await places(5)
      await store.lists.fence(issuer, 7)
      expect(await places(2)).toEqual(['7:0', '7:1'])
      await store.lists.fence(issuer, 3)
      expect(await places(1)).toEqual(['8:0'])
      expect(await places(1, otherIssuer)).toEqual(['0:0'])
    })

    test('K6: a fence on an empty store counts too', async () => {
      await store.lists.fence(issuer, 4)
      expect(await places(1)).toEqual(['4:0'])
    })

    test('the newest list is known, also where only a fence tells of it', async () => {
      expect(await store.lists.newestList(issuer)).toBeUndefined()
      await places(1)
      expect(await store.lists.newestList(issuer)).toBe(0)
      await places(131072)
      expect(await store.lists.newestList(issuer)).toBe(1)
      await store.lists.fence(issuer, 7)
      expect(await store.lists.newestList(issuer)).toBe(6)
      expect(await store.lists.newestList(otherIssuer)).toBeUndefined()
    })

    test('requests wait in order until a batch carries them', async () => {
      const ids = await store.lists.addRequests([
        request(1),
        request(2, { to: 'superseded', successor: 'key-9', approver: undefined }),
        request(3, { issuer: otherIssuer }),
      ])
      expect(ids).toEqual([1, 2, 3])
      const pending = await store.lists.pendingRequests(issuer, 10)
      expect(pending).toEqual([
        { ...request(1), id: 1, sequence: undefined },
        {
          ...request(2, { to: 'superseded', successor: 'key-9', approver: undefined }),
          id: 2,
          sequence: undefined,
        },
      ])
      expect(await store.lists.pendingRequests(issuer, 1)).toHaveLength(1)
      await store.outbox.addBatch(builtBatch(1), [], [1])
      expect((await store.lists.pendingRequests(issuer, 10)).map(({ id }) => id)).toEqual([2])
    })

    test('a request with text that the database would change is refused', async () => {
      const broken = store.lists.addRequests([request(1, { reason: 'a\0b' })])
      await expect(broken).rejects.toMatchObject({ code: 'json/ill-formed-text' })
      expect(await store.lists.pendingRequests(issuer, 10)).toEqual([])
    })

    test('requests for one entry come oldest first, of one department only', async () => {
      await store.lists.addRequests([
        request(5, { to: 'suspended' }),
        request(6),
        request(5, { to: 'valid' }),
        request(5, { issuer: otherIssuer }),
        request(5, { list: 1 }),
      ])
      const asked = await store.lists.requestsFor(issuer, 0, 5)
      expect(asked.map(({ to }) => to)).toEqual(['suspended', 'valid'])
    })

    test('a word is what the newest batch leaves, zero before any', async () => {
      expect(await store.lists.word(issuer, 0, 3)).toBe(0n)
      const change = (value: bigint) => ({ changes: [{ list: 0, word: 3, value }] })
      await store.outbox.addBatch(builtBatch(1, change((1n << 255n) + 1n)), [], [])
      await store.outbox.addBatch(builtBatch(2), [], [])
      expect(await store.lists.word(issuer, 0, 3)).toBe((1n << 255n) + 1n)
      await store.outbox.addBatch(builtBatch(10, change(9n)), [], [])
      expect(await store.lists.word(issuer, 0, 3)).toBe(9n)
      expect(await store.lists.word(issuer, 1, 3)).toBe(0n)
      expect(await store.lists.word(otherIssuer, 0, 3)).toBe(0n)
    })
  })
}
