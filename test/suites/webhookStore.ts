import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/adapters/storage/openStore.ts'
import type { WebhookDelivery, WebhookEndpoint } from '../../src/ports/webhooks.ts'
import { issuer, otherIssuer } from './samples.ts'

const now = new Date('2026-11-22T12:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + 1000 * seconds)

const endpoint = (id: string, rest: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  id,
  url: 'https://systems.example/hook',
  events: [],
  secret: 'sealed',
  state: 'active',
  failingSince: undefined,
  createdAt: now,
  ...rest,
})
const message = (id: string, rest: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  endpoint: 'a',
  id,
  event: 'certificate.issued',
  body: '{"type":"certificate.issued"}',
  state: 'waiting',
  attempts: 0,
  nextAt: now,
  lastStatus: undefined,
  createdAt: now,
  ...rest,
})

/** What every WebhookStore promises, each test on an empty store. */
export function webhookStoreSuite(open: () => Promise<Store>): void {
  describe('webhook store', () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('endpoints come back as they were put, changed ones changed, removed ones not', async () => {
      const { webhooks } = store
      const second = endpoint('b', { events: ['a.b', 'c.d'], createdAt: later(1) })
      await webhooks.putEndpoint(issuer, second)
      await webhooks.putEndpoint(issuer, endpoint('a'))
      expect(await webhooks.endpoints(issuer)).toEqual([endpoint('a'), second])
      const changed = endpoint('a', { state: 'disabled', failingSince: later(5) })
      await webhooks.putEndpoint(issuer, changed)
      expect(await webhooks.endpoints(issuer)).toEqual([changed, second])
      expect(await webhooks.endpoints(otherIssuer)).toEqual([])
      expect(await webhooks.removeEndpoint(otherIssuer, 'a')).toBe(false)
      expect(await webhooks.removeEndpoint(issuer, 'a')).toBe(true)
      expect(await webhooks.removeEndpoint(issuer, 'a')).toBe(false)
      expect(await webhooks.endpoints(issuer)).toEqual([second])
    })

    test('a message is taken in once, and claimed by one caller until its time comes again', async () => {
      const { webhooks } = store
      await webhooks.putEndpoint(issuer, endpoint('a'))
      await webhooks.enqueue(issuer, [])
      await webhooks.enqueue(issuer, [message('1'), message('2', { nextAt: later(10) })])
      await webhooks.enqueue(issuer, [message('1', { body: 'another' })])
      const claims = await Promise.all(
        [1, 2, 3].map(() => webhooks.claim(issuer, 'a', now, later(60), 10)),
      )
      expect(claims.flat()).toEqual([message('1')])
      expect(await webhooks.claim(issuer, 'a', later(59), later(60), 1)).toMatchObject([
        { id: '2' },
      ])
      expect(await webhooks.claim(issuer, 'a', later(60), later(99), 9)).toMatchObject([
        { id: '1', attempts: 0 },
        { id: '2' },
      ])
    })

    test('what became of an attempt is kept; what is decided is not claimed again', async () => {
      const { webhooks } = store
      await webhooks.putEndpoint(issuer, endpoint('a'))
      await webhooks.enqueue(issuer, [message('1'), message('2', { createdAt: later(1) })])
      const tried = message('1', { attempts: 1, nextAt: later(5), lastStatus: 500 })
      const done = message('2', {
        state: 'delivered',
        attempts: 1,
        lastStatus: 204,
        createdAt: later(1),
      })
      await webhooks.settle(issuer, tried)
      await webhooks.settle(issuer, done)
      expect(await webhooks.recent(issuer, 'a', 10)).toEqual([done, tried])
      expect(await webhooks.recent(issuer, 'a', 1)).toEqual([done])
      expect(await webhooks.claim(issuer, 'a', later(4), later(9), 10)).toEqual([])
      expect(await webhooks.claim(issuer, 'a', later(5), later(9), 10)).toEqual([tried])
      expect(await webhooks.purgeDeliveries(later(1))).toBe(1)
      expect(await webhooks.recent(issuer, 'a', 10)).toMatchObject([{ id: '1' }])
    })

    test('what waits for an endpoint is put off together and goes with it; other departments see nothing', async () => {
      const { webhooks } = store
      await webhooks.putEndpoint(issuer, endpoint('a'))
      await webhooks.putEndpoint(otherIssuer, endpoint('a'))
      const done = message('3', { state: 'delivered' })
      await webhooks.enqueue(issuer, [message('1'), message('2'), done])
      await webhooks.enqueue(issuer, [message('1', { endpoint: 'b' })])
      expect(await webhooks.claim(otherIssuer, 'a', now, later(1), 10)).toEqual([])
      expect(await webhooks.recent(otherIssuer, 'a', 10)).toEqual([])
      await webhooks.reschedule(otherIssuer, 'a', later(50))
      await webhooks.reschedule(issuer, 'a', later(30))
      expect(await webhooks.claim(issuer, 'a', later(29), later(30), 10)).toEqual([])
      expect(await webhooks.claim(issuer, 'b', now, later(30), 10)).toHaveLength(1)
      expect(await webhooks.claim(issuer, 'a', later(30), later(31), 10)).toHaveLength(2)
      expect(await webhooks.recent(issuer, 'a', 10)).toContainEqual(done)
      await webhooks.removeEndpoint(issuer, 'a')
      expect(await webhooks.recent(issuer, 'a', 10)).toEqual([])
    })

    test('progress begins at what is there and never goes back', async () => {
      const { webhooks, audit } = store
      expect(await webhooks.position(issuer, 'audit')).toBeUndefined()
      await webhooks.advance(issuer, 'audit', 5)
      expect(await webhooks.position(issuer, 'audit')).toBeUndefined()
      const line = { at: now, actor: 'a', action: 'b', subject: 'c', detail: {} }
      await audit.append([line, line])
      await webhooks.begin(issuer)
      expect(await webhooks.position(issuer, 'audit')).toBe(2)
      expect(await webhooks.position(issuer, 'copies')).toBe(0)
      expect(await webhooks.position(issuer, 'batches')).toBe(0)
      await webhooks.advance(issuer, 'audit', 7)
      await webhooks.advance(issuer, 'audit', 3)
      expect(await webhooks.position(issuer, 'audit')).toBe(7)
      expect(await webhooks.changesIn(issuer, 1)).toEqual([])
    })
  })
}
