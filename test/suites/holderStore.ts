import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import type { HeldRecord } from '../../src/ports/holder.ts'
import { digest } from './samples.ts'

const held = (id: string, rest: Partial<HeldRecord> = {}): HeldRecord => ({
  id,
  token: `token ${id}`,
  proof: undefined,
  receivedAt: new Date('2026-11-22T12:00:00Z'),
  ...rest,
})

/** What every HolderStore promises, each test on an empty store. */
export function holderStoreSuite(open: () => Promise<Store>): void {
  describe('holder store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('what is put comes back, and what is not is absent', async () => {
      await store.holder.put(held('aa'))
      expect(await store.holder.get('aa')).toEqual(held('aa'))
      expect(await store.holder.get('bb')).toBeUndefined()
    })

    test('a proof joins later', async () => {
      await store.holder.put(held('aa'))
      const proof = { sequence: 3, index: 5, size: 16, path: [digest('l'), digest('r')] }
      await store.holder.put(held('aa', { proof }))
      expect(await store.holder.list()).toEqual([held('aa', { proof })])
    })

    test('the list is in the order of receipt', async () => {
      await store.holder.put(held('aa'))
      await store.holder.put(held('bb', { receivedAt: new Date('2026-11-21T12:00:00Z') }))
      expect((await store.holder.list()).map(({ id }) => id)).toEqual(['bb', 'aa'])
    })

    test('what is removed is gone, and removing it again does no harm', async () => {
      await store.holder.put(held('aa'))
      await store.holder.remove('aa')
      await store.holder.remove('aa')
      expect(await store.holder.list()).toEqual([])
    })
  })
}
