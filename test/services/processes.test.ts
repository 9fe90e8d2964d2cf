import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { LocalNode } from '../../src/adapters/chain/node.ts'
import { openStore, type Store } from '../../src/adapters/storage/openStore.ts'
import { leafHash, positionOf } from '../../src/anchor/tree.ts'
import { districtConfiguration } from '../../src/configuration/district.ts'
import { bytesFromHex } from '../../src/primitives/bytes.ts'
import { startLocalChain } from '../../src/wire/chain.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, saveHome } from '../../src/wire/home.ts'
import {
  startTestAccreditor,
  type TestAccreditor,
  withMember,
} from '../support/accreditorService.ts'
import { sampleTitle, titleType } from '../support/issuer.ts'
import { type Cluster, startPostgres, whyNoPostgres } from '../support/postgres.ts'
import {
  type FrontProxy,
  freePort,
  type ServeProcess,
  startProxy,
  startReceiver,
  startServe,
} from '../support/serveProcess.ts'
import { keyProof, secondsOf, walletKey } from '../support/wallet.ts'
import { weirJson } from '../support/weir.ts'

const name = 'registration-centre'
const variable = 'WEIR_TEST_SERVICE_STORE'
const configuration = 'real-estate-title.1.dc-sd-jwt'
const folder = mkdtempSync(join(tmpdir(), 'weir-service-processes-'))

const reason = whyNoPostgres()
if (reason !== undefined) console.warn(`tests of several services skipped: ${reason}`)

/** The name of the key that signed a token. */
const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid

describe.skipIf(reason !== undefined)('two `weir serve` of one department over PostgreSQL', () => {
  let cluster: Cluster
  let node: LocalNode
  let proxy: FrontProxy
  let accreditor: TestAccreditor
  let env: NodeJS.ProcessEnv
  let store: Store
  let address: string
  let one: ServeProcess
  let other: ServeProcess
  /** Fingerprints of all that was answered. */
  const answered = new Set<string>()
  let serial = 0

  beforeAll(async () => {
    cluster = await startPostgres()
    const url = await cluster.newDatabase()
    process.env[variable] = url
    const district = districtConfiguration()
    const kept = Object.entries(district.departments).filter(([member]) =>
      [name, 'city-accreditor'].includes(member),
    )
    const departments = Object.fromEntries(
      kept.map(([member, one]) => [
        member,
        member === name ? { ...one, store: { kind: 'postgres', urlFrom: variable } as const } : one,
      ]),
    )
    const made = await createHome(folder, { ...district, departments })
    node = await startLocalChain(made, () => undefined)
    const { home, chain } = await setUpDistrict(made, new Date(), () => undefined)
    chain.close()
    address = home.configuration.departments[name]!.address!
    accreditor = await startTestAccreditor(home)
    const known = withMember(home, 'city-accreditor', { baseUrl: accreditor.url })
    await saveHome(home, known.configuration)
    store = await openStore({ kind: 'postgres', url })
    proxy = await startProxy()
    env = { WEIR_HOME: folder, [variable]: url, WEIR_LOG_LEVEL: 'warn' }
    // At the same moment, over a home where nothing served before.
    const ports = [await freePort(), await freePort()]
    ;[one, other] = (await Promise.all(
      ports.map((port) => startServe(name, port, proxy.url, env)),
    )) as [ServeProcess, ServeProcess]
    proxy.to([one.url, other.url])
  }, 180_000)
  afterAll(async () => {
    await one?.ended('SIGKILL')
    await other?.ended('SIGKILL')
    await proxy?.close()
    await accreditor?.close()
    await store?.close()
    await node?.stop()
    await cluster?.stop()
    delete process.env[variable]
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
  type Answer = { status: number; body: any }
  const ask = async (
    at: ServeProcess,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(new URL(path, at.url), {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  const wish = (number: number) => ({
    type: 'real-estate-title',
    claims: sampleTitle(number),
    formats: ['vc+jwt'],
  })
  const issue = async (
    at: ServeProcess,
    headers: Record<string, string> = {},
    number = ++serial,
  ) => {
    const { status, body } = await ask(at, 'POST', '/certificates', wish(number), headers)
    const fingerprint: string | undefined = body.copies?.[0].fingerprint
    if (status === 201) answered.add(fingerprint!)
    return { status, fingerprint, signedBy: body.copies && kidOf(body.copies[0].token) }
  }
  const offered = async (at: ServeProcess) => {
    serial += 1
    const claims = { ...sampleTitle(serial), holder_document_number: 'SAMPLE-A' }
    const body = { credential_configuration_ids: [configuration], claims }
    const answer = await ask(at, 'POST', '/issuer/credential-offers', body)
    expect(answer.status).toBe(201)
    return answer.body as { id: string; credential_offer_uri: string; tx_code: string }
  }
  /** Waits until everything that was answered is final, then looks where it stands. */
  const anchored = async () => {
    const fingerprints = [...answered].map((one) => bytesFromHex(one, 32))
    const copies = () => store.certificates.byFingerprints(address, fingerprints)
    await vi.waitFor(
      async () => expect((await copies()).filter(({ state }) => state !== 'final')).toEqual([]),
      { timeout: 60_000, interval: 200 },
    )
    expect(await copies()).toHaveLength(answered.size)
    const batches = await store.outbox.batches(address, ['final'], 1000)
    expect(batches.map(({ sequence }) => sequence)).toEqual(batches.map((_, at) => at + 1))
    const places = fingerprints.map(
      (one) =>
        batches.filter(({ leaves }) => positionOf(leaves, leafHash(one)) !== undefined).length,
    )
    expect(places.filter((count) => count !== 1)).toEqual([])
  }
  const fits = async () => {
    const { code, answer } = await weirJson(['fsck', name], { env })
    expect([code, answer.wrong, answer.first]).toEqual([0, 0, undefined])
  }

  test('both are ready, and sign as the same', async () => {
    for (const at of [one, other]) {
      await vi.waitFor(
        async () => expect(await ask(at, 'GET', '/readyz')).toMatchObject({ status: 200 }),
        { timeout: 30_000, interval: 200 },
      )
    }
    const identifiers = await Promise.all(
      [one, other].map((at) => ask(at, 'GET', '/conformance/identifiers')),
    )
    expect(identifiers[1]).toEqual(identifiers[0])
  })

  test('what both issue at once is anchored once each, and told once each', async () => {
    const messages: { id: string; type: string }[] = []
    const receiver = await startReceiver((id, type) => messages.push({ id, type }))
    const endpoint = { url: receiver.url, events: ['certificate.anchored'] }
    const added = await ask(one, 'POST', '/webhooks', endpoint)
    expect(added.status).toBe(201)
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => issue(i % 2 === 0 ? one : other)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(answered.size).toBe(40)
    await anchored()
    await vi.waitUntil(() => messages.length >= 40, { timeout: 30_000, interval: 50 })
    // What comes twice would come by the time that a round of each has ended.
    expect((await ask(other, 'DELETE', `/webhooks/${added.body.id}`)).status).toBe(204)
    await receiver.close()
    expect(new Set(messages.map(({ id }) => id)).size).toBe(40)
    expect(messages).toHaveLength(40)
    expect(messages.filter(({ type }) => type !== 'certificate.anchored')).toEqual([])
  }, 90_000)

  test('G7: one Idempotency-Key sent to both gives one certificate', async () => {
    const numbers = Array.from({ length: 10 }, () => ++serial)
    const pairs = await Promise.all(
      numbers.map((number) => {
        const headers = { 'idempotency-key': `row-${number}` }
        return Promise.all([issue(one, headers, number), issue(other, headers, number)])
      }),
    )
    expect(pairs.flat().filter(({ status }) => status !== 201)).toEqual([])
    expect(pairs.filter(([first, again]) => first.fingerprint !== again.fingerprint)).toEqual([])
    // Another wish under the key is refused by whichever gets it.
    const headers = { 'idempotency-key': `row-${numbers[0]}` }
    expect((await issue(other, headers)).status).toBe(409)
  })

  test('G7: an offer asked for at both under one Idempotency-Key is made once', async () => {
    serial += 1
    const claims = { ...sampleTitle(serial), holder_document_number: 'SAMPLE-A' }
    const body = { credential_configuration_ids: [configuration], claims }
    const headers = { 'idempotency-key': 'offer-1' }
    const made = () =>
      Promise.all(
        [one, other].map((at) => ask(at, 'POST', '/issuer/credential-offers', body, headers)),
      )
    // Whoever comes while the first is worked on is asked to come again.
    const both = await made()
    expect(both.filter(({ status }) => ![201, 409].includes(status))).toEqual([])
    const again = await made()
    const ids = [...both, ...again].flatMap(({ body }) => body.id ?? [])
    expect([ids.length >= 3, new Set(ids).size]).toEqual([true, 1])
  })

  test('G3: a nonce of one is taken at the other, and then refused at both', async () => {
    const { credential_offer_uri: uri, tx_code: code } = await offered(one)
    const offer = JSON.parse(new URL(uri).searchParams.get('credential_offer')!)
    const kind = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
    const form = new URLSearchParams({
      grant_type: kind,
      'pre-authorized_code': offer.grants[kind]['pre-authorized_code'],
      tx_code: code,
    })
    const token = async (at: ServeProcess) =>
      (await fetch(new URL('/token', at.url), { method: 'POST', body: form })).json() as Promise<{
        access_token?: string
        error?: string
      }>
    const { access_token: access } = await token(other)
    expect((await token(one)).error).toBe('invalid_grant')
    const nonce: string = (await ask(one, 'POST', '/nonce')).body.c_nonce
    const take = (at: ServeProcess) => {
      const proof = keyProof(walletKey(), { aud: proxy.url, nonce, iat: secondsOf(new Date()) })
      const body = { credential_configuration_id: configuration, proofs: { jwt: [proof] } }
      return ask(at, 'POST', '/credential', body, { authorization: `Bearer ${access}` })
    }
    expect((await take(other)).status).toBe(200)
    for (const at of [one, other]) {
      expect(await take(at)).toMatchObject({ status: 400, body: { error: 'invalid_nonce' } })
    }
  })

  test('an offer of one is taken up at the other, whose wallet is also the first one’s', async () => {
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, i) => offered(i % 2 ? one : other)),
    )
    // All at once, so that both make holder keys in the wallet of the home.
    const taken = await Promise.all(
      made.map(({ credential_offer_uri, tx_code }, i) =>
        ask(i % 2 ? other : one, 'POST', '/holder/credential-offers', {
          credential_offer_uri,
          tx_code,
        }),
      ),
    )
    expect(taken.map(({ status, body }) => [status, body.code])).toEqual(
      made.map(() => [201, undefined]),
    )
    const ids: string[] = taken.flatMap(({ body }) =>
      body.credentials.map((held: { id: string }) => held.id),
    )
    for (const id of ids) answered.add(id)
    for (const at of [one, other]) {
      const { body } = await ask(at, 'GET', '/holder/credentials')
      expect(new Set(body.credentials.map((held: { id: string }) => held.id))).toEqual(new Set(ids))
    }
    const state = await ask(one, 'GET', `/issuer/credential-offers/${made[0]!.id}`)
    expect(state.body.credentials[0].event).toBe('credential_accepted')
  }, 60_000)

  test('what one asks a wallet is answered at the other', async () => {
    await anchored()
    const query = {
      credentials: [
        {
          id: 'title',
          format: 'dc+sd-jwt',
          meta: { vct_values: [titleType] },
          claims: [{ path: ['location'] }],
        },
      ],
    }
    const asked = await ask(one, 'POST', '/verifier/requests', {
      dcql_query: query,
      purpose: 'sample purpose',
    })
    expect(asked.status).toBe(201)
    const { id, uri } = asked.body
    // The one that asked gets nothing of it.
    proxy.to([other.url])
    const present = () =>
      ask(other, 'POST', '/holder/presentations', { request_uri: uri, disclose: [['location']] })
    expect((await present()).status).toBe(200)
    proxy.to([one.url, other.url])
    const found = await ask(one, 'GET', `/verifier/requests/${id}`)
    expect(found.body).toMatchObject({ state: 'verified', outcome: 'valid' })
    expect(found.body.claims.title[0].claims).toHaveProperty('location')
    // Nor is it answered twice.
    expect((await present()).status).toBeGreaterThanOrEqual(400)
  }, 60_000)

  test('G7: a key that one rotates is soon the other’s, and nothing that both issue meanwhile is lost', async () => {
    const old = (await issue(other)).signedBy
    const body = { purpose: 'assertion' }
    const rotations = [one, other].map((at) => ask(at, 'POST', '/keys/rotations', body))
    const running = { isOn: true }
    const workers = [one, other].map(async (at) => {
      while (running.isOn) expect([201, 503]).toContain((await issue(at)).status)
    })
    const ended = await Promise.all(rotations)
    running.isOn = false
    await Promise.all(workers)
    expect(ended.map(({ status }) => status).sort()).toEqual([200, 409])
    const next = [await issue(one), await issue(other)].map(({ signedBy }) => signedBy)
    expect([next[0] === next[1], next[0] === old]).toEqual([true, false])
    await anchored()
  }, 90_000)

  test('K9: one is killed while both issue: nothing answered is lost or doubled, the other goes on', async () => {
    const copies = () => store.certificates.scan(address, 0, 10_000)
    const kept = (await copies()).length
    const before = answered.size
    const running = { isOn: true }
    /** What was answered to each wish; undefined: nothing. */
    const asked = new Map<number, string | undefined>()
    const row = (number: number) => ({ 'idempotency-key': `load-${number}` })
    const worker = async (at: ServeProcess) => {
      while (running.isOn) {
        const number = ++serial
        asked.set(number, undefined)
        const answer = await issue(at, row(number), number).catch(() => undefined)
        // The one that was killed answers no more.
        if (answer === undefined) return
        expect([201, 503]).toContain(answer.status)
        asked.set(number, answer.fingerprint)
      }
    }
    const workers = [one, other].flatMap((at) => Array.from({ length: 6 }, () => worker(at)))
    await vi.waitUntil(() => answered.size > before + 60, { timeout: 30_000, interval: 5 })
    expect(await one.ended('SIGKILL')).toBe(null)
    proxy.to([other.url])
    const atDeath = answered.size
    await vi.waitUntil(() => answered.size > atDeath + 60, { timeout: 30_000, interval: 5 })
    running.isOn = false
    await Promise.all(workers)
    await anchored()
    // Whoever asks the other again gets the same, or what the dead one had begun.
    const unanswered = [...asked.values()].filter((known) => known === undefined)
    expect(unanswered.length).toBeGreaterThan(0)
    for (const [number, known] of asked) {
      const again = await issue(other, row(number), number)
      expect([again.status, again.fingerprint]).toEqual([201, known ?? again.fingerprint])
    }
    await anchored()
    expect(await copies()).toHaveLength(kept + asked.size)
    await fits()
  }, 90_000)

  test('one that is started anew publishes the status lists of the other', async () => {
    one = await startServe(name, await freePort(), proxy.url, env)
    proxy.to([one.url, other.url])
    const [fingerprint] = answered
    const grounds = { reason: 'R-01', legal_basis: 'Art. 64' }
    const path = `/certificates/${fingerprint}/status`
    const as = (person: string) => ({ authorization: `Bearer ${person}` })
    // Asked for at one, approved at both at once by two others: it is done once.
    const asked = await ask(one, 'POST', path, { to: 'revoked', ...grounds }, as('clerk-1'))
    const approval = `/approvals/${asked.body.approval}`
    const decisions = await Promise.all(
      [one, other].map((at, i) =>
        ask(at, 'POST', approval, { decision: 'approve' }, as(`head-${i + 2}`)),
      ),
    )
    expect(decisions.map(({ status }) => status).sort()).toEqual([202, 404])
    const statuses = async (at: ServeProcess): Promise<Buffer> => {
      const accept = { accept: 'application/statuslist+jwt' }
      const { status, body } = await ask(at, 'GET', '/status-lists/0', undefined, accept)
      expect(status).toBe(200)
      const payload = JSON.parse(Buffer.from(String(body).split('.')[1]!, 'base64url').toString())
      expect(payload.sub.startsWith(proxy.url)).toBe(true)
      return inflateSync(Buffer.from(payload.status_list.lst, 'base64url'))
    }
    await vi.waitFor(
      async () => {
        const lists = await Promise.all([one, other].map(statuses))
        expect(lists[0]!.some((byte) => byte !== 0)).toBe(true)
        expect(lists[0]!.equals(lists[1]!)).toBe(true)
      },
      { timeout: 60_000, interval: 200 },
    )
  }, 90_000)

  test('both stop cleanly, and batches, statuses and the audit chain fit', async () => {
    const ended = await Promise.all([one, other].map((at) => at.ended('SIGTERM')))
    expect(ended).toEqual([0, 0])
    await anchored()
    await fits()
    expect(await store.check()).toEqual([])
  }, 60_000)
})
