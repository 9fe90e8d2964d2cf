import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import type { Session } from '../../src/ports/sessions.ts'
import { issuer, otherIssuer } from './samples.ts'

const now = new Date('2026-11-22T12:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + 1000 * seconds)

const offer = (name: string, rest: Partial<Session> = {}): Omit<Session, 'version'> => ({
  kind: 'offer',
  name,
  value: { types: ['sample'], count: 1, nested: { isUsed: false, text: '样本' } },
  expiresAt: later(60),
  ...rest,
})

/** What every SessionStore promises, each test on an empty store. */
export function sessionStoreSuite(open: () => Promise<Store>): void {
  describe('session store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('what is added comes back, and what is not is absent', async () => {
      await store.sessions.add(issuer, [offer('a'), offer('b', { value: {} })])
      const found = await store.sessions.get(issuer, 'offer', 'a', now)
      expect(found).toEqual({ ...offer('a'), version: 1 })
      expect((await store.sessions.get(issuer, 'offer', 'b', now))?.value).toEqual({})
      expect(await store.sessions.get(issuer, 'offer', 'c', now)).toBeUndefined()
      expect(await store.sessions.get(issuer, 'code', 'a', now)).toBeUndefined()
      expect(await store.sessions.get(issuer, 'offer', 'a\0', now)).toBeUndefined()
    })

    test('J2: another department sees, changes and takes nothing', async () => {
      await store.sessions.add(issuer, [offer('a')])
      await store.sessions.add(otherIssuer, [offer('a', { value: { other: true } })])
      const own = { ...offer('b'), version: 1 }
      await store.sessions.add(issuer, [own])
      expect(await store.sessions.get(otherIssuer, 'offer', 'b', now)).toBeUndefined()
      expect(await store.sessions.replace(otherIssuer, own)).toBe(false)
      expect(await store.sessions.take(otherIssuer, 'offer', 'b', now)).toBeUndefined()
      expect(await store.sessions.get(issuer, 'offer', 'b', now)).toEqual(own)
      const taken = await store.sessions.take(otherIssuer, 'offer', 'a', now)
      expect(taken?.value).toEqual({ other: true })
      expect((await store.sessions.get(issuer, 'offer', 'a', now))?.value).toEqual(offer('a').value)
    })

    test('a name is given once; with one that is taken none is added', async () => {
      await store.sessions.add(issuer, [offer('a')])
      const again = store.sessions.add(issuer, [offer('b'), offer('a')])
      await expect(again).rejects.toMatchObject({ code: 'store/duplicate' })
      expect(await store.sessions.get(issuer, 'offer', 'b', now)).toBeUndefined()
      const twice = store.sessions.add(issuer, [offer('c'), offer('c')])
      await expect(twice).rejects.toMatchObject({ code: 'store/duplicate' })
      await store.sessions.add(issuer, [offer('a', { kind: 'code' })])
    })

    test('G1: of many that take one at the same time exactly one gets it', async () => {
      await store.sessions.add(issuer, [offer('a')])
      const takes = Array.from({ length: 50 }, () => store.sessions.take(issuer, 'offer', 'a', now))
      const got = (await Promise.all(takes)).filter((one) => one !== undefined)
      expect(got).toEqual([{ ...offer('a'), version: 1 }])
      expect(await store.sessions.take(issuer, 'offer', 'a', now)).toBeUndefined()
    })

    test('of many that replace one version exactly one succeeds', async () => {
      await store.sessions.add(issuer, [offer('a')])
      const first = (await store.sessions.get(issuer, 'offer', 'a', now))!
      const replacements = Array.from({ length: 20 }, (_, i) =>
        store.sessions.replace(issuer, { ...first, value: { by: i } }),
      )
      const done = await Promise.all(replacements)
      expect(done.filter(Boolean)).toHaveLength(1)
      const second = (await store.sessions.get(issuer, 'offer', 'a', now))!
      expect(second).toMatchObject({ version: 2, value: { by: done.indexOf(true) } })
      expect(await store.sessions.replace(issuer, first)).toBe(false)
      expect(await store.sessions.replace(issuer, { ...second, expiresAt: later(90) })).toBe(true)
      const third = await store.sessions.get(issuer, 'offer', 'a', later(75))
      expect(third).toMatchObject({ version: 3, expiresAt: later(90) })
    })

    test('nothing that is not there is replaced', async () => {
      expect(await store.sessions.replace(issuer, { ...offer('a'), version: 1 })).toBe(false)
      expect(await store.sessions.get(issuer, 'offer', 'a', now)).toBeUndefined()
    })

    test('at its end it is neither found nor taken, and taking it late uses it up', async () => {
      await store.sessions.add(issuer, [offer('a'), offer('b')])
      expect(await store.sessions.get(issuer, 'offer', 'a', later(59.999))).toBeDefined()
      expect(await store.sessions.get(issuer, 'offer', 'a', later(60))).toBeUndefined()
      expect(await store.sessions.take(issuer, 'offer', 'a', later(60))).toBeUndefined()
      expect(await store.sessions.take(issuer, 'offer', 'a', now)).toBeUndefined()
    })

    test('a purge removes what expired and leaves the rest', async () => {
      await store.sessions.add(issuer, [offer('a'), offer('b', { expiresAt: later(120) })])
      await store.sessions.add(otherIssuer, [offer('c')])
      expect(await store.sessions.purge(later(60))).toBe(2)
      expect(await store.sessions.get(issuer, 'offer', 'a', now)).toBeUndefined()
      expect(await store.sessions.get(issuer, 'offer', 'b', now)).toBeDefined()
      expect(await store.sessions.purge(later(60))).toBe(0)
    })

    test('B4: members named as prototypes are values and nothing else', async () => {
      const value = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1}')
      await store.sessions.add(issuer, [offer('a', { value })])
      const found = (await store.sessions.get(issuer, 'offer', 'a', now))!
      expect(Object.keys(found.value).sort()).toEqual(['__proto__', 'constructor'])
      expect(found.value.isAdmin).toBeUndefined()
      expect(({} as Record<string, unknown>).isAdmin).toBeUndefined()
    })
  })
}
