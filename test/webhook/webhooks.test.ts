import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Batch } from '../../src/ports/outbox.ts'
import { collect } from '../../src/webhook/collect.ts'
import { deliver } from '../../src/webhook/deliver.ts'
import {
  addEndpoint,
  recentDeliveries,
  removeEndpoint,
  testEndpoint,
} from '../../src/webhook/endpoints.ts'
import { builtBatch, issuer, plannedCopy, request, signature } from '../suites/samples.ts'
import { startChild } from '../support/child.ts'
import { tempFolder } from '../support/tempFolder.ts'
import { openWorld, type World } from './openWorld.ts'
import { receiver } from './receiver.ts'

async function world(folder = tempFolder()): Promise<World> {
  const opened = await openWorld(folder)
  onTestFinished(() => opened.close())
  return opened
}

/** Issues so many copies under keys that begin so. @returns their fingerprints, hex. */
async function issue({ store, webhooks }: World, key: string, count = 1): Promise<string[]> {
  const copies = Array.from({ length: count }, (_, i) =>
    plannedCopy(`${key}-${i}`, { plannedAt: webhooks.clock() }),
  )
  const ids = await store.certificates.plan(copies)
  await store.certificates.sign(ids.map((id) => ({ id, signature: signature(id) })))
  return copies.map(({ fingerprint }) => Buffer.from(fingerprint).toString('hex'))
}

/** Anchors what waits as one final batch, with one change of status. */
async function anchor({ store }: World, sequence: number, rest: Partial<Batch> = {}) {
  const waiting = await store.queue.waiting(issuer, 0, 100)
  const [change] = await store.lists.addRequests([request(7)])
  const members = waiting.map(({ id }) => id)
  await store.outbox.addBatch(builtBatch(sequence, rest), members, [change!])
  for (const state of ['sent', 'anchored', 'final'] as const)
    await store.outbox.setState(issuer, sequence, state)
}

async function tell({ webhooks }: World): Promise<void> {
  while ((await collect(webhooks)) > 0);
  while ((await deliver(webhooks)) > 0);
}

const typesOf = (heard: readonly { body: string }[]) =>
  heard.map(({ body }) => (JSON.parse(body) as { type: string }).type)

describe('what a department’s systems hear', () => {
  test('issued, anchored, changed and presented, each signed as the library verifies it', async () => {
    const here = await world()
    const { url, heard } = await receiver()
    const { secret } = await addEndpoint(here.webhooks, { url })
    const [fingerprint] = await issue(here, 'a')
    await anchor(here, 1)
    await here.store.audit.append([
      {
        at: here.webhooks.clock(),
        actor: 'wallet',
        action: 'presentation-received',
        subject: 'f'.repeat(64),
        detail: { outcome: 'verified', purpose: 'canary purpose' },
      },
    ])
    await tell(here)
    expect(typesOf(heard).sort()).toEqual([
      'certificate.anchored',
      'certificate.issued',
      'presentation.received',
      'status.changed',
    ])
    const verifier = new Webhook(secret)
    for (const { body, headers } of heard) {
      const { timestamp, data } = verifier.verify(body, headers) as Record<string, unknown>
      expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      expect(data).toBeTypeOf('object')
      expect(() => verifier.verify(body.replace('{', '{ '), headers)).toThrow()
      expect(() => new Webhook('whsec_AAAA').verify(body, headers)).toThrow()
    }
    const of = (type: string) =>
      heard.map(({ body }) => JSON.parse(body)).find((one) => one.type === type).data
    expect(of('certificate.issued')).toMatchObject({ fingerprint, format: 'vc+jwt' })
    expect(of('certificate.anchored')).toMatchObject({ fingerprint, batch: 1 })
    expect(of('status.changed')).toMatchObject({ index: 7, status: 'revoked', batch: 1 })
    expect(of('presentation.received')).toEqual({ request: 'f'.repeat(64), outcome: 'verified' })
  })

  test('I5: no message, list or stored row says anything of a person, and the secret is encrypted', async () => {
    const folder = tempFolder()
    const here = await world(folder)
    const { url, heard } = await receiver()
    const { secret, endpoint } = await addEndpoint(here.webhooks, { url })
    await issue(here, 'key-canary')
    await anchor(here, 1)
    await tell(here)
    expect(heard.length).toBe(3)
    const said = JSON.stringify([heard.map(({ body }) => body)])
    for (const word of ['key-canary', 'certificate-', 'reason', 'legal', 'operator'])
      expect(said).not.toContain(word)
    const plain = Buffer.from(secret.replace('whsec_', ''), 'base64')
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)))
    for (const file of files) {
      expect(file.includes(secret)).toBe(false)
      expect(file.includes(plain)).toBe(false)
    }
    expect(JSON.stringify(endpoint)).not.toContain(secret)
  })

  test('only what is asked for, and nothing from before the first endpoint', async () => {
    const here = await world()
    await issue(here, 'before')
    const all = await receiver()
    const some = await receiver()
    await addEndpoint(here.webhooks, { url: all.url })
    await addEndpoint(here.webhooks, { url: some.url, events: ['status.changed'] })
    await issue(here, 'after')
    await tell(here)
    expect(typesOf(all.heard)).toEqual(['certificate.issued'])
    await anchor(here, 1)
    await tell(here)
    expect(typesOf(some.heard)).toEqual(['status.changed'])
    // Both copies are in the batch: what is anchored now happened now.
    expect(typesOf(all.heard).filter((type) => type === 'certificate.anchored')).toHaveLength(2)
  })

  test('a copy that is not signed yet is told of when it is, and later ones behind it', async () => {
    const here = await world()
    const { url, heard } = await receiver()
    await addEndpoint(here.webhooks, { url })
    const { certificates } = here.store
    const [id] = await certificates.plan([plannedCopy('slow')])
    await issue(here, 'quick')
    await tell(here)
    expect(heard).toEqual([])
    await certificates.sign([{ id: id!, signature: signature(1) }])
    await tell(here)
    expect(heard).toHaveLength(2)
  })
})

describe('when a receiver fails', () => {
  test('it is asked again later and later, with the same id, until it takes the message', async () => {
    const here = await world()
    const there = await receiver()
    there.answer = 500
    const { endpoint } = await addEndpoint(here.webhooks, { url: there.url })
    await issue(here, 'a')
    await tell(here)
    expect(there.heard).toHaveLength(1)
    // Each pause is as long as it failed before, and no shorter than five seconds.
    for (const [pause, count] of [
      [4, 1],
      [1, 2],
      [4, 2],
      [1, 3],
      [9, 3],
      [1, 4],
    ] as const) {
      here.pass(pause)
      await tell(here)
      expect(there.heard.length, `${pause}`).toBe(count)
    }
    there.answer = 200
    here.pass(20)
    await tell(here)
    here.pass(100_000)
    await tell(here)
    expect(there.heard).toHaveLength(5)
    expect(new Set(there.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    const [sent] = await recentDeliveries(here.webhooks, endpoint.id, 5)
    expect(sent).toMatchObject({ state: 'delivered', attempts: 5, lastStatus: 200 })
  })

  test('one that hangs, redirects or is away does not keep another from hearing', async () => {
    const here = await world()
    const [hanging, moved, well] = await Promise.all([receiver(), receiver(), receiver()])
    hanging.answer = 'hang'
    moved.answer = 302
    const ids: string[] = []
    for (const url of [hanging.url, moved.url, 'http://127.0.0.1:1/', well.url])
      ids.push((await addEndpoint(here.webhooks, { url })).endpoint.id)
    await issue(here, 'a')
    await tell(here)
    expect(well.heard).toHaveLength(1)
    const lasts = await Promise.all(ids.map((id) => recentDeliveries(here.webhooks, id, 1)))
    expect(lasts.flat().map(({ state, lastStatus }) => `${state} ${lastStatus}`)).toEqual([
      'waiting undefined',
      'waiting 302',
      'waiting undefined',
      'delivered 204',
    ])
  })

  test('after 72 hours without success it is disabled, and a test that is taken wakes it', async () => {
    const here = await world()
    const there = await receiver()
    there.answer = 503
    const { endpoint } = await addEndpoint(here.webhooks, { url: there.url })
    const stateOf = async () => (await here.webhooks.store.endpoints(issuer))[0]
    await issue(here, 'a')
    await tell(here)
    expect(await stateOf()).toMatchObject({ state: 'active', failingSince: expect.any(Date) })
    here.pass(71 * 3600)
    await issue(here, 'b')
    await tell(here)
    expect(await stateOf()).toMatchObject({ state: 'active' })
    here.pass(8 * 3600)
    await tell(here)
    expect(await stateOf()).toMatchObject({ state: 'disabled' })
    const before = there.heard.length
    here.pass(100_000)
    await issue(here, 'c')
    await tell(here)
    expect(there.heard).toHaveLength(before)
    const failed = { isTaken: false, status: 503 }
    expect(await testEndpoint(here.webhooks, endpoint.id)).toEqual(failed)
    expect(await stateOf()).toMatchObject({ state: 'disabled' })
    there.answer = 204
    expect(await testEndpoint(here.webhooks, endpoint.id)).toEqual({ isTaken: true, status: 204 })
    expect(await stateOf()).toMatchObject({ state: 'active', failingSince: undefined })
    await tell(here)
    const messages = await recentDeliveries(here.webhooks, endpoint.id, 10)
    expect(messages.map(({ state }) => state).sort()).toEqual(['delivered', 'delivered', 'failed'])
    expect(typesOf(there.heard)).toContain('webhook.test')
  })

  test('410 Gone disables at once, and one success clears what failed before', async () => {
    const here = await world()
    const there = await receiver()
    there.answer = 500
    await addEndpoint(here.webhooks, { url: there.url })
    await issue(here, 'a')
    await tell(here)
    there.answer = 200
    here.pass(5)
    await tell(here)
    const [healed] = await here.webhooks.store.endpoints(issuer)
    expect(healed).toMatchObject({ state: 'active', failingSince: undefined })
    there.answer = 410
    await issue(here, 'b')
    await tell(here)
    expect(await here.webhooks.store.endpoints(issuer)).toMatchObject([{ state: 'disabled' }])
  })
})

test('a receiver that was away is asked with one message at a time, then gets all that waits', async () => {
  const here = await world()
  const there = await receiver()
  there.answer = 503
  await addEndpoint(here.webhooks, { url: there.url })
  await issue(here, 'a', 40)
  await tell(here)
  const first = there.heard.length
  expect(first).toBeLessThan(40)
  here.pass(5)
  await tell(here)
  expect(there.heard).toHaveLength(first + 1)
  there.answer = 204
  there.heard.length = 0
  here.pass(5)
  await tell(here)
  expect(new Set(there.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(40)
  expect(there.heard).toHaveLength(40)
})

describe('when the process is killed', () => {
  test.each(['opened', 'collected', 'sending'])(
    'nothing is lost and the id stays the same: killed when %s',
    async (until) => {
      const folder = tempFolder()
      const there = await receiver()
      there.answer = 'hang'
      const first = await openWorld(folder)
      const { secret } = await addEndpoint(first.webhooks, { url: there.url })
      const fingerprints = await issue(first, 'a', 3)
      await first.close()
      const child = startChild('webhookProcess.ts', [folder, until])
      expect(await child.line()).toBe('opened')
      if (until !== 'opened') expect(await child.line()).toBe('collected')
      if (until === 'sending') await expect.poll(() => there.heard.length).toBe(3)
      await child.kill()
      there.answer = 200
      const again = await world(folder)
      // What the killed process had taken up is free again after a minute.
      again.pass(61)
      const before = there.heard.splice(0)
      await tell(again)
      const found = there.heard.map(({ body, headers }) => {
        const said = new Webhook(secret).verify(body, headers) as {
          data: { fingerprint: string }
        }
        return said.data.fingerprint
      })
      expect(found.sort()).toEqual(fingerprints.sort())
      const idsOf = (heard: typeof before) =>
        heard.map(({ headers }) => headers['webhook-id']).sort()
      if (until === 'sending') expect(idsOf(there.heard)).toEqual(idsOf(before))
    },
  )
})

describe('the operator', () => {
  test.each([
    'ftp://systems.example/',
    'https://user:word@systems.example/',
    'https://systems.example/#a',
    'https://systems.example/ a',
    'nothing',
    `https://systems.example/${'a'.repeat(2000)}`,
  ])('an address that is none is refused: %s', async (url) => {
    const { webhooks } = await world()
    await expect(addEndpoint(webhooks, { url })).rejects.toMatchObject({
      code: 'webhook/bad-address',
    })
  })

  test('J9: plain http is refused outside development, and a private address is never reached', async () => {
    const here = await world()
    const there = await receiver()
    const strict = { ...here.webhooks, isDevelopment: false }
    await expect(addEndpoint(strict, { url: there.url })).rejects.toMatchObject({
      code: 'webhook/bad-address',
    })
    const { endpoint } = await addEndpoint(strict, { url: 'https://10.0.0.1/hook' })
    expect(await testEndpoint(strict, endpoint.id)).toEqual({ isTaken: false, status: undefined })
  })

  test('an endpoint that was removed hears nothing more and is not there', async () => {
    const here = await world()
    const there = await receiver()
    const { endpoint } = await addEndpoint(here.webhooks, { url: there.url })
    await issue(here, 'a')
    await collect(here.webhooks)
    await removeEndpoint(here.webhooks, endpoint.id)
    await tell(here)
    expect(there.heard).toEqual([])
    for (const call of [
      () => removeEndpoint(here.webhooks, endpoint.id),
      () => testEndpoint(here.webhooks, endpoint.id),
      () => recentDeliveries(here.webhooks, endpoint.id, 1),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'webhook/unknown' })
  })

  test('there are at most twenty', async () => {
    const { webhooks } = await world()
    const url = 'https://systems.example/'
    for (let n = 0; n < 20; n += 1) await addEndpoint(webhooks, { url })
    await expect(addEndpoint(webhooks, { url })).rejects.toMatchObject({ code: 'webhook/too-many' })
  })
})
