import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { builtBatch, digest, issuer, otherIssuer, plannedCopy, signature } from './samples.ts'

/** What every CertificateStore and QueueStore promises, each test on an empty store. */
export function certificateStoreSuite(open: () => Promise<Store>): void {
  describe('certificate store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const planAndSign = async (...keys: string[]): Promise<number[]> => {
      const ids = await store.certificates.plan(keys.map((key) => plannedCopy(key)))
      await store.certificates.sign(ids.map((id) => ({ id, signature: signature(id) })))
      return ids
    }
    const ids = (rows: readonly { id: number }[]): number[] => rows.map(({ id }) => id)

    test('a plan comes back as it was given, reserved and unsigned', async () => {
      const plan = plannedCopy('a', {
        format: 'dc+sd-jwt',
        disclosures: ['WyJhIl0', 'WyJiIl0'],
        replaces: 'ab'.repeat(32),
        signingInput: 'eyJhIjoi5Lit5paHIn0.5Lit',
        list: 3,
        index: 131071,
      })
      const [id] = await store.certificates.plan([plan])
      const rest = { id, signature: undefined, sequence: undefined, state: 'reserved' }
      expect(await store.certificates.byKeys(issuer, ['a'])).toEqual([{ ...plan, ...rest }])
    })

    test('ids start at 1 and follow the order of the plans', async () => {
      const plans = ['c', 'a', 'b'].map((key) => plannedCopy(key))
      expect(await store.certificates.plan(plans)).toEqual([1, 2, 3])
      expect(await store.certificates.plan([plannedCopy('d')])).toEqual([4])
    })

    test('an empty plan is an empty answer', async () => {
      expect(await store.certificates.plan([])).toEqual([])
      await store.certificates.sign([])
    })

    test('a key, copy and format is planned once, and the whole second plan is refused', async () => {
      await store.certificates.plan([plannedCopy('a')])
      const again = store.certificates.plan([plannedCopy('new'), plannedCopy('a')])
      await expect(again).rejects.toMatchObject({ name: 'InputError', code: 'store/duplicate' })
      expect(await store.certificates.byKeys(issuer, ['new'])).toEqual([])
    })

    test('a key twice within one plan is refused', async () => {
      const twice = store.certificates.plan([plannedCopy('a'), plannedCopy('a')])
      await expect(twice).rejects.toMatchObject({ code: 'store/duplicate' })
    })

    test('another copy, another format and another department may use the same key', async () => {
      const plans = [
        plannedCopy('a'),
        plannedCopy('a', { copy: 2 }),
        plannedCopy('a', { format: 'dc+sd-jwt' }),
        plannedCopy('a', { issuer: otherIssuer }),
      ]
      expect(await store.certificates.plan(plans)).toHaveLength(4)
      expect(ids(await store.certificates.byKeys(issuer, ['a']))).toEqual([1, 2, 3])
      expect(ids(await store.certificates.byKeys(otherIssuer, ['a']))).toEqual([4])
    })

    test('the same plan asked many times at once is stored once', async () => {
      const asked = Array.from({ length: 20 }, () => store.certificates.plan([plannedCopy('a')]))
      const answers = await Promise.allSettled(asked)
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await store.certificates.byKeys(issuer, ['a'])).toHaveLength(1)
    })

    test('one refused plan does not undo what was asked beside it', async () => {
      await store.certificates.plan([plannedCopy('a')])
      const answers = await Promise.allSettled([
        store.certificates.plan([plannedCopy('b')]),
        store.certificates.plan([plannedCopy('a')]),
        store.certificates.plan([plannedCopy('c')]),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await store.certificates.byKeys(issuer, ['b', 'c'])).toHaveLength(2)
    })

    test('a key that the database would change is refused, so none is issued twice', async () => {
      for (const key of ['a\ud800', 'a\0b']) {
        const plan = store.certificates.plan([plannedCopy(key)])
        await expect(plan).rejects.toMatchObject({ code: 'json/ill-formed-text' })
        expect(await store.certificates.byKeys(issuer, [key])).toEqual([])
      }
      const [id] = await store.certificates.plan([plannedCopy('办件 𠮷 é')])
      const [copy] = await store.certificates.byKeys(issuer, ['办件 𠮷 é'])
      expect(copy?.id).toBe(id)
      expect(await store.certificates.byKeys(issuer, ['办件 𠮷 e\u0301'])).toEqual([])
    })

    test('a signed copy is durable and its signature comes back', async () => {
      const [id] = await planAndSign('a')
      const [copy] = await store.certificates.byKeys(issuer, ['a'])
      expect(copy).toMatchObject({ id, state: 'durable', signature: signature(1) })
    })

    test('a signature never changes', async () => {
      const [id = 0] = await planAndSign('a')
      const other = store.certificates.sign([{ id, signature: signature(9) }])
      await expect(other).rejects.toMatchObject({ code: 'store/duplicate' })
      expect((await store.certificates.byKeys(issuer, ['a']))[0]?.signature).toEqual(signature(1))
    })

    test('a copy is not signed twice in one call, nor one that was never planned', async () => {
      const [id = 0] = await store.certificates.plan([plannedCopy('a')])
      const twice = store.certificates.sign([
        { id, signature: signature(1) },
        { id, signature: signature(2) },
      ])
      await expect(twice).rejects.toMatchObject({ code: 'store/duplicate' })
      const unknown = store.certificates.sign([{ id: id + 1, signature: signature(1) }])
      await expect(unknown).rejects.toMatchObject({ code: 'store/duplicate' })
      expect(await store.certificates.scan(issuer, 0, 10, 'reserved')).toHaveLength(1)
    })

    test('copies are found by certificate identifier, of one department only', async () => {
      await store.certificates.plan([
        plannedCopy('a', { certificate: 'X' }),
        plannedCopy('b', { certificate: 'X', issuer: otherIssuer }),
        plannedCopy('c', { certificate: 'Y' }),
        plannedCopy('d', { certificate: 'X' }),
      ])
      expect(ids(await store.certificates.byCertificates(issuer, ['X']))).toEqual([1, 4])
      expect(await store.certificates.byCertificates(issuer, ['Z'])).toEqual([])
    })

    test('copies are found by fingerprint, of one department only', async () => {
      await store.certificates.plan([
        plannedCopy('a', { fingerprint: digest('one') }),
        plannedCopy('b', { fingerprint: digest('two'), issuer: otherIssuer }),
      ])
      const both = [digest('one'), digest('two'), digest('three')]
      expect(ids(await store.certificates.byFingerprints(issuer, both))).toEqual([1])
      expect(ids(await store.certificates.byFingerprints(otherIssuer, both))).toEqual([2])
    })

    test('a fingerprint that shares its first bytes with another is told apart', async () => {
      const near = digest('one').with(31, 0)
      await store.certificates.plan([plannedCopy('a', { fingerprint: digest('one') })])
      expect(await store.certificates.byFingerprints(issuer, [near])).toEqual([])
    })

    test('a scan goes on after an id, in order, at most as many as asked', async () => {
      await planAndSign('a', 'b', 'c', 'd')
      expect(ids(await store.certificates.scan(issuer, 0, 3))).toEqual([1, 2, 3])
      expect(ids(await store.certificates.scan(issuer, 3, 3))).toEqual([4])
      expect(await store.certificates.scan(otherIssuer, 0, 3)).toEqual([])
    })

    test('a scan by state follows each copy from its plan to the end', async () => {
      await planAndSign('a', 'b', 'c')
      await store.certificates.plan([plannedCopy('d')])
      await store.outbox.addBatch(builtBatch(1), [1, 2], [])
      const states = async () => {
        const all = ['reserved', 'durable', 'sent', 'anchored', 'final', 'refused'] as const
        const rows = await Promise.all(
          all.map((state) => store.certificates.scan(issuer, 0, 10, state)),
        )
        return Object.fromEntries(
          all.flatMap((state, i) => (rows[i]?.length ? [[state, ids(rows[i])]] : [])),
        )
      }
      expect(await states()).toEqual({ reserved: [4], durable: [1, 2, 3] })
      await store.outbox.setState(issuer, 1, 'sent')
      await store.queue.setRefused([3], true)
      expect(await states()).toEqual({ reserved: [4], sent: [1, 2], refused: [3] })
      await store.outbox.setState(issuer, 1, 'anchored')
      expect(await states()).toEqual({ reserved: [4], anchored: [1, 2], refused: [3] })
      await store.outbox.setState(issuer, 1, 'final')
      expect(await states()).toEqual({ reserved: [4], final: [1, 2], refused: [3] })
      const copies = await store.certificates.scan(issuer, 0, 10)
      expect(copies.map(({ state }) => state)).toEqual(['final', 'final', 'refused', 'reserved'])
      expect(copies.map(({ sequence }) => sequence)).toEqual([1, 1, undefined, undefined])
      expect(ids(await store.certificates.scan(issuer, 1, 10, 'final'))).toEqual([2])
    })

    test('what waits is what is durable and in no batch', async () => {
      await planAndSign('a', 'b', 'c')
      await store.certificates.plan([plannedCopy('d'), plannedCopy('e', { issuer: otherIssuer })])
      expect(ids(await store.queue.waiting(issuer, 0, 10))).toEqual([1, 2, 3])
      expect(ids(await store.queue.waiting(issuer, 1, 1))).toEqual([2])
      await store.outbox.addBatch(builtBatch(1), [1, 3], [])
      const { idempotencyKey, certificateType, keyThumbprint, fingerprint, replaces } =
        plannedCopy('b')
      expect(await store.queue.waiting(issuer, 0, 10)).toEqual([
        { id: 2, idempotencyKey, certificateType, keyThumbprint, fingerprint, replaces },
      ])
      expect(await store.queue.waiting(otherIssuer, 0, 10)).toEqual([])
    })

    test('members of a batch are listed in id order, of one department only', async () => {
      await planAndSign('a', 'b', 'c', 'd')
      await store.outbox.addBatch(builtBatch(1), [4, 1, 2], [])
      expect(ids(await store.queue.members(issuer, 1))).toEqual([1, 2, 4])
      expect(await store.queue.members(otherIssuer, 1)).toEqual([])
      expect(await store.queue.members(issuer, 2)).toEqual([])
    })

    test('a copy set aside waits no more, until it is taken back', async () => {
      await planAndSign('a', 'b')
      await store.queue.setRefused([1], true)
      expect(ids(await store.queue.waiting(issuer, 0, 10))).toEqual([2])
      await store.queue.setRefused([1, 2], false)
      expect(ids(await store.queue.waiting(issuer, 0, 10))).toEqual([1, 2])
    })

    test('a reserved copy and one in a batch are not set aside', async () => {
      await planAndSign('a')
      await store.certificates.plan([plannedCopy('b')])
      await store.outbox.addBatch(builtBatch(1), [1], [])
      await store.queue.setRefused([1, 2, 99], true)
      expect(await store.certificates.scan(issuer, 0, 10, 'refused')).toEqual([])
    })

    test('a copy planned anew is reserved again, found by its new fingerprint only', async () => {
      const [id = 0] = await planAndSign('a', 'b')
      const plan = {
        id,
        keyThumbprint: `0x${'28'.repeat(32)}`,
        signingInput: 'header.anew',
        disclosures: ['WyJjIl0'],
        fingerprint: digest('anew'),
        replaces: undefined,
        plannedAt: new Date('2026-11-23T08:00:00Z'),
      }
      await store.queue.replan([plan])
      const rest = { ...plan, signature: undefined, sequence: undefined, state: 'reserved' }
      const expected = { ...plannedCopy('a'), ...rest }
      expect(await store.certificates.byKeys(issuer, ['a'])).toEqual([expected])
      expect(await store.certificates.byFingerprints(issuer, [digest('anew')])).toHaveLength(1)
      const old = plannedCopy('a').fingerprint
      expect(await store.certificates.byFingerprints(issuer, [old])).toEqual([])
      await store.certificates.sign([{ id, signature: signature(5) }])
      expect(ids(await store.queue.waiting(issuer, 0, 10))).toEqual([1, 2])
    })

    test('K9: of two who plan a copy anew from one plan, one is refused', async () => {
      const [id = 0] = await planAndSign('a')
      const was = plannedCopy('a').fingerprint
      const anew = (name: string) => ({ ...plannedCopy(name), id, was })
      await store.queue.replan([anew('first')])
      await expect(store.queue.replan([anew('second')])).rejects.toMatchObject({
        code: 'store/duplicate',
      })
      const [copy] = await store.certificates.scan(issuer, 0, 10)
      expect(copy?.fingerprint).toEqual(plannedCopy('first').fingerprint)
    })

    test('K9: a signature over a plan that was replaced meanwhile is refused', async () => {
      const [id = 0] = await store.certificates.plan([plannedCopy('a')])
      await store.queue.replan([{ ...plannedCopy('anew'), id }])
      const sign = (key: string) =>
        store.certificates.sign([
          { id, signature: signature(1), fingerprint: plannedCopy(key).fingerprint },
        ])
      await expect(sign('a')).rejects.toMatchObject({ code: 'store/duplicate' })
      expect(await store.certificates.scan(issuer, 0, 10, 'reserved')).toHaveLength(1)
      await sign('anew')
      expect(await store.certificates.scan(issuer, 0, 10, 'durable')).toHaveLength(1)
    })

    test('a copy in a batch is not planned anew, nor any beside it', async () => {
      const [first = 0, second = 0] = await planAndSign('a', 'b')
      await store.outbox.addBatch(builtBatch(1), [second], [])
      const anew = [first, second].map((id) => ({ ...plannedCopy('x'), id }))
      await expect(store.queue.replan(anew)).rejects.toMatchObject({ code: 'store/duplicate' })
      expect(await store.certificates.scan(issuer, 0, 10, 'durable')).toHaveLength(2)
    })

    test('K11: a clock that jumps back leaves ids and order alone', async () => {
      const late = plannedCopy('a', { plannedAt: new Date('2030-01-01T00:00:00Z') })
      const early = plannedCopy('b', { plannedAt: new Date('2001-01-01T00:00:00Z') })
      await store.certificates.plan([late])
      await store.certificates.plan([early])
      expect(ids(await store.certificates.scan(issuer, 0, 10))).toEqual([1, 2])
    })

    test('a closed store says that it is unavailable', async () => {
      await store.close()
      const plan = store.certificates.plan([plannedCopy('a')])
      await expect(plan).rejects.toMatchObject({ code: 'store/unavailable' })
      const read = store.certificates.byKeys(issuer, ['a'])
      await expect(read).rejects.toMatchObject({ code: 'store/unavailable' })
    })
  })
}
