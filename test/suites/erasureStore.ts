import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import { builtBatch, issuer, otherIssuer, plannedCopy, request, signature } from './samples.ts'

/** What every ErasureStore promises, each test on an empty store. */
export function erasureStoreSuite(open: () => Promise<Store>): void {
  describe('erasure store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const final = async (...keys: string[]): Promise<number[]> => {
      const ids = await store.certificates.plan(keys.map((key) => plannedCopy(key)))
      await store.certificates.sign(ids.map((id) => ({ id, signature: signature(id) })))
      await store.outbox.addBatch(builtBatch(1), ids, [])
      await store.outbox.setState(issuer, 1, 'final')
      return ids
    }

    test('I2: what a copy says is empty, what the chain knows of it stays', async () => {
      const [id = 0, other = 0] = await final('a', 'b')
      const { fingerprint, list, index, keyThumbprint, certificateType } = plannedCopy('a')
      await store.erasure.erase(issuer, [id])
      const [copy] = await store.certificates.byFingerprints(issuer, [fingerprint])
      const nothing = { idempotencyKey: '', requestHash: '', certificate: '', signingInput: '' }
      const kept = { id, list, index, keyThumbprint, certificateType, sequence: 1, state: 'final' }
      expect(copy).toMatchObject({ ...nothing, ...kept, disclosures: [] })
      expect(copy?.signature).toBeUndefined()
      expect(await store.certificates.byKeys(issuer, ['a', ''])).toEqual([])
      expect(await store.certificates.byCertificates(issuer, ['sample a', ''])).toEqual([])
      const [rest] = await store.certificates.byKeys(issuer, ['b'])
      expect(rest).toMatchObject({ id: other, signature: signature(other) })
      await store.erasure.erase(issuer, [id])
      expect(await store.queue.members(issuer, 1)).toHaveLength(2)
    })

    test('I2: the same key can be planned again, and is another certificate', async () => {
      const [id = 0] = await final('a')
      await store.erasure.erase(issuer, [id])
      const [again] = await store.certificates.plan([
        plannedCopy('a', { fingerprint: new Uint8Array(32) }),
      ])
      expect((await store.certificates.byKeys(issuer, ['a'])).map((copy) => copy.id)).toEqual([
        again,
      ])
    })

    test('I2: a request that named it as successor names nobody', async () => {
      const [id = 0] = await final('a')
      await store.lists.addRequests([
        request(1, { successor: 'a' }),
        request(2, { successor: 'b' }),
      ])
      await store.erasure.erase(issuer, [id])
      const [first] = await store.lists.requestsFor(issuer, 0, 1)
      const [second] = await store.lists.requestsFor(issuer, 0, 2)
      expect([first?.successor, second?.successor]).toEqual(['erased', 'b'])
    })

    test('I2: what is not final, unknown or of another department is refused, and nothing changes', async () => {
      const [id = 0] = await final('a')
      const [open = 0] = await store.certificates.plan([plannedCopy('open')])
      const refused = { name: 'InputError', code: 'store/wrong-state' }
      await expect(store.erasure.erase(issuer, [id, open])).rejects.toMatchObject(refused)
      await expect(store.erasure.erase(issuer, [id, 999])).rejects.toMatchObject(refused)
      await expect(store.erasure.erase(otherIssuer, [id])).rejects.toMatchObject(refused)
      expect(await store.certificates.byKeys(issuer, ['a', 'open'])).toHaveLength(2)
    })
  })
}
