import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { builtBatch, issuer, otherIssuer, plannedCopy, request, signature } from './samples.ts'

const transaction = { raw: '0x02f8', hash: `0x${'7a'.repeat(32)}`, nonce: 0 }

/** What every OutboxStore promises, each test on an empty store. */
export function outboxStoreSuite(open: () => Promise<Store>): void {
  describe('outbox store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
      const plans = ['a', 'b', 'c', 'd'].map((key) => plannedCopy(key))
      const ids = await store.certificates.plan(plans)
      await store.certificates.sign(ids.map((id) => ({ id, signature: signature(id) })))
    })
    afterEach(() => store.close())

    const waiting = async (): Promise<number[]> =>
      (await store.queue.waiting(issuer, 0, 10)).map(({ id }) => id)

    test('a batch comes back as it was given', async () => {
      const batch = builtBatch(1, {
        leaves: new Uint8Array(512).map((_, i) => i % 251),
        changes: [
          { list: 0, word: 1, value: 1n },
          { list: 2, word: 1023, value: (1n << 256n) - 1n },
        ],
      })
      await store.outbox.addBatch(batch, [1, 2], [])
      expect(await store.outbox.batch(issuer, 1)).toEqual(batch)
      expect(await store.outbox.batch(issuer, 2)).toBeUndefined()
      expect(await store.outbox.batch(otherIssuer, 1)).toBeUndefined()
    })

    test('a batch of changes only has no leaves', async () => {
      const batch = builtBatch(1, {
        root: `0x${'00'.repeat(32)}`,
        size: 0,
        leaves: new Uint8Array(0),
        changes: [{ list: 0, word: 0, value: 4n }],
      })
      await store.outbox.addBatch(batch, [], [])
      expect(await store.outbox.batch(issuer, 1)).toEqual(batch)
    })

    test('K9: of several who move a batch one is told that it did', async () => {
      await store.outbox.addBatch(builtBatch(1), [1], [])
      const moves = Array.from({ length: 4 }, () => store.outbox.setState(issuer, 1, 'sent'))
      expect((await Promise.all(moves)).filter((moved) => moved)).toHaveLength(1)
      expect(await store.outbox.setState(issuer, 1, 'final')).toBe(true)
      expect(await store.outbox.setState(issuer, 1, 'final')).toBe(false)
    })

    test('a sequence is taken once for each department', async () => {
      await store.outbox.addBatch(builtBatch(1), [1], [])
      const again = store.outbox.addBatch(builtBatch(1), [2], [])
      await expect(again).rejects.toMatchObject({ name: 'InputError', code: 'store/duplicate' })
      expect(await waiting()).toEqual([2, 3, 4])
      await store.outbox.addBatch(builtBatch(1, { issuer: otherIssuer }), [], [])
    })

    test('a copy joins one batch only, and nothing of the refused batch stays', async () => {
      await store.outbox.addBatch(builtBatch(1), [1, 2], [])
      const again = store.outbox.addBatch(
        builtBatch(2, { changes: [{ list: 0, word: 0, value: 1n }] }),
        [2, 3],
        [],
      )
      await expect(again).rejects.toMatchObject({ code: 'store/duplicate' })
      expect(await store.outbox.batch(issuer, 2)).toBeUndefined()
      expect(await store.lists.word(issuer, 0, 0)).toBe(0n)
      expect(await waiting()).toEqual([3, 4])
    })

    test('a reserved, refused, unknown or foreign copy joins no batch', async () => {
      const plans = [plannedCopy('reserved'), plannedCopy('foreign', { issuer: otherIssuer })]
      const [reserved = 0, foreign = 0] = await store.certificates.plan(plans)
      await store.certificates.sign([{ id: foreign, signature: signature(1) }])
      await store.queue.setRefused([4], true)
      for (const id of [reserved, foreign, 4, 99]) {
        const added = store.outbox.addBatch(builtBatch(1), [1, id], [])
        await expect(added).rejects.toMatchObject({ code: 'store/duplicate' })
      }
      expect(await waiting()).toEqual([1, 2, 3])
    })

    test('a request joins one batch only, and only its own department’s', async () => {
      const [mine = 0, theirs = 0] = await store.lists.addRequests([
        request(1),
        request(1, { issuer: otherIssuer }),
      ])
      const foreign = store.outbox.addBatch(builtBatch(1), [1], [mine, theirs])
      await expect(foreign).rejects.toMatchObject({ code: 'store/duplicate' })
      await store.outbox.addBatch(builtBatch(1), [1], [mine])
      const again = store.outbox.addBatch(builtBatch(2), [2], [mine])
      await expect(again).rejects.toMatchObject({ code: 'store/duplicate' })
      expect((await store.lists.requestsFor(issuer, 0, 1))[0]?.sequence).toBe(1)
    })

    test('signed bytes are kept before and after sending, never over an anchored batch', async () => {
      await store.outbox.addBatch(builtBatch(1), [1], [])
      await store.outbox.setTransaction(issuer, 1, transaction)
      expect((await store.outbox.batch(issuer, 1))?.transaction).toEqual(transaction)
      await store.outbox.setState(issuer, 1, 'sent')
      const next = { ...transaction, nonce: 7 }
      await store.outbox.setTransaction(issuer, 1, next)
      await store.outbox.setState(issuer, 1, 'anchored')
      const late = store.outbox.setTransaction(issuer, 1, transaction)
      await expect(late).rejects.toMatchObject({ code: 'store/wrong-state' })
      expect((await store.outbox.batch(issuer, 1))?.transaction).toEqual(next)
    })

    test('a batch goes back to sent after a reorganisation, but never from final', async () => {
      await store.outbox.addBatch(builtBatch(1), [1], [])
      for (const state of ['sent', 'anchored', 'sent', 'anchored', 'final'] as const) {
        await store.outbox.setState(issuer, 1, state)
        expect((await store.certificates.scan(issuer, 0, 1))[0]?.state).toBe(state)
      }
      for (const state of ['built', 'sent', 'anchored'] as const) {
        const back = store.outbox.setState(issuer, 1, state)
        await expect(back).rejects.toMatchObject({ code: 'store/wrong-state' })
      }
    })

    test('a batch that does not exist is not found', async () => {
      const calls = [
        store.outbox.setState(issuer, 1, 'sent'),
        store.outbox.setTransaction(issuer, 1, transaction),
        store.outbox.dropBatch(issuer, 1),
      ]
      for (const call of calls)
        await expect(call).rejects.toMatchObject({ code: 'store/not-found' })
    })

    test('batches are listed by state, in sequence, at most as many as asked', async () => {
      for (const sequence of [1, 2, 3]) {
        await store.outbox.addBatch(builtBatch(sequence), [sequence], [])
      }
      await store.outbox.setState(issuer, 1, 'sent')
      const sequences = async (states: ('built' | 'sent')[], limit: number) =>
        (await store.outbox.batches(issuer, states, limit)).map(({ sequence }) => sequence)
      expect(await sequences(['built'], 10)).toEqual([2, 3])
      expect(await sequences(['built', 'sent'], 2)).toEqual([1, 2])
      expect(await sequences([], 2)).toEqual([])
      expect(await store.outbox.batches(otherIssuer, ['built'], 10)).toEqual([])
    })

    test('a dropped batch frees its members and requests and takes its words back', async () => {
      const [id = 0] = await store.lists.addRequests([request(1)])
      const first = builtBatch(1, { changes: [{ list: 0, word: 0, value: 1n }] })
      const second = builtBatch(2, { changes: [{ list: 0, word: 0, value: 5n }] })
      await store.outbox.addBatch(first, [1], [])
      await store.outbox.addBatch(second, [2, 4], [id])
      await store.outbox.setState(issuer, 2, 'sent')
      await store.outbox.dropBatch(issuer, 2)
      expect(await waiting()).toEqual([2, 3, 4])
      expect(await store.lists.pendingRequests(issuer, 10)).toHaveLength(1)
      expect(await store.lists.word(issuer, 0, 0)).toBe(1n)
      expect(await store.outbox.batch(issuer, 2)).toBeUndefined()
      await store.outbox.addBatch(second, [4, 2], [id])
      expect((await store.queue.members(issuer, 2)).map((copy) => copy.id)).toEqual([2, 4])
    })

    test('an anchored batch is never dropped', async () => {
      await store.outbox.addBatch(builtBatch(1), [1], [])
      await store.outbox.setState(issuer, 1, 'anchored')
      const dropped = store.outbox.dropBatch(issuer, 1)
      await expect(dropped).rejects.toMatchObject({ code: 'store/wrong-state' })
    })

    test('K9: of many batches asked at once for one sequence, one is stored', async () => {
      const asked = [1, 2, 3, 4].map((id) => store.outbox.addBatch(builtBatch(1), [id], []))
      const answers = await Promise.allSettled(asked)
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await waiting()).toHaveLength(3)
    })
  })
}
