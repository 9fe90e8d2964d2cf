import type { JsonWebKey } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import type { ClientRequest } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storyRecords } from '../../../scripts/samples/story.ts'
import { openFetch } from '../../../src/adapters/http/fetch.ts'
import { inflate } from '../../../src/adapters/http/inflate.ts'
import type { JsonObject } from '../../../src/credential/model.ts'
import { fromPem } from '../../../src/identity/x509/pem.ts'
import { drain } from '../../../src/issuer/drain.ts'
import { issueOne } from '../../../src/issuer/issue.ts'
import { proofFor } from '../../../src/issuer/proof.ts'
import { changeStatus } from '../../../src/issuer/status.ts'
import { supersede } from '../../../src/issuer/supersede.ts'
import type { Fetch } from '../../../src/ports/fetch.ts'
import { writeCertificateFile } from '../../../src/presentation/certificateFile.ts'
import { type ForeignLists, readForeignStatus } from '../../../src/verifier/foreignStatus.ts'
import { gather } from '../../../src/verifier/gather.ts'
import type { Verifier } from '../../../src/verifier/model.ts'
import { openVerifier } from '../../../src/wire/verifier.ts'
import {
  bitstringStatus,
  keyByCertificate,
  securedCredential,
  tokenStatus,
} from '../../support/listDecoder.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'

const grounds = {
  reason: 'sample',
  legalBasis: 'sample regulation, article 1',
  operator: 'clerk-1',
  approver: 'clerk-2',
}
const token = 'application/statuslist+jwt'
const secured = 'application/vc+jwt'

type Entry = { statusPurpose: string; statusListCredential: string; statusListIndex: string }
type Marks = {
  reference: { uri: string; idx: number }
  entries: Entry[]
  fingerprint: string
  token: string
}

describe('status lists of a department', () => {
  let district: TestDistrict
  let running: TestService
  let root: Uint8Array
  const marks: Record<string, Marks> = {}
  let beforeChanges: Date

  const payloadOf = (compact: string) =>
    JSON.parse(Buffer.from(compact.split('.')[1]!, 'base64url').toString())
  const get = (url: string, headers: Record<string, string> = {}) =>
    fetch(url, { headers, redirect: 'error' })
  const bodyAt = async (url: string, accept: string) => {
    const answer = await get(url, { accept })
    expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([
      200,
      accept,
    ])
    return answer.text()
  }

  async function issued(name: string, number: number) {
    const request = {
      idempotencyKey: name,
      type: 'real-estate-title',
      claims: storyRecords(number).title,
      formats: ['dc+sd-jwt', 'vc+jwt'] as const,
    }
    const [sdJwt, vcJwt] = await issueOne(running.service.department.issuer, request)
    const reference = payloadOf(sdJwt!.token).status.status_list
    const entries = payloadOf(vcJwt!.token).credentialStatus
    const { fingerprint, token } = sdJwt!
    marks[name] = { reference, entries, fingerprint, token }
    return { request, fingerprint }
  }

  async function changed(of: string, to: 'valid' | 'suspended' | 'revoked') {
    const { issuer } = running.service.department
    const expectedEnd = new Date(Date.now() + 86_400_000)
    const wish = { of: { fingerprint: of }, to, grounds }
    await changeStatus(issuer, to === 'suspended' ? { ...wish, expectedEnd } : wish)
    await drain(issuer)
  }

  beforeAll(async () => {
    district = await startTestDistrict(['registration-centre'])
    running = await startTestService(district.home, 'registration-centre')
    const pem = readFileSync(join(district.home.path, 'authority/certificates.pem'), 'utf8')
    root = fromPem('CERTIFICATE', pem)[0]!
    const { issuer } = running.service.department
    await issued('untouched', 1)
    const suspended = await issued('suspended', 2)
    const resumed = await issued('resumed', 3)
    const revoked = await issued('revoked', 4)
    const old = await issued('superseded', 5)
    await drain(issuer)
    const { block } = await running.service.chain.cold.view()
    beforeChanges = block.time
    await changed(suspended.fingerprint, 'suspended')
    await changed(resumed.fingerprint, 'suspended')
    await changed(resumed.fingerprint, 'valid')
    await changed(revoked.fingerprint, 'revoked')
    const next = {
      ...old.request,
      idempotencyKey: 'next',
      claims: storyRecords(5).transferredTitle,
    }
    await supersede(issuer, { fingerprint: old.fingerprint }, next, grounds)
    await drain(issuer)
    await running.service.chain.mirror.sync()
  }, 120_000)

  afterAll(async () => {
    await running?.close()
    await district?.close()
  })

  test('H9: a foreign reader finds each status in the token list that the certificate names', async () => {
    const shown: Record<string, number> = {}
    for (const [name, { reference }] of Object.entries(marks)) {
      const list = await bodyAt(reference.uri, token)
      const key = keyByCertificate(list, root)
      shown[name] = tokenStatus(list, reference, key, new Date())
    }
    expect(shown).toEqual({ untouched: 0, suspended: 2, resumed: 0, revoked: 1, superseded: 1 })
  })

  test('H9: a foreign reader finds each status in the bitstring lists, signed and in JSON', async () => {
    const { jwk, kid } = running.service.signers.status!.key
    const shown: Record<string, string[]> = {}
    for (const [name, { entries }] of Object.entries(marks)) {
      expect(entries.map(({ statusPurpose }) => statusPurpose)).toEqual([
        'revocation',
        'suspension',
        'refresh',
      ])
      const set: string[] = []
      for (const entry of entries) {
        const compact = await bodyAt(entry.statusListCredential, secured)
        expect(JSON.parse(Buffer.from(compact.split('.')[0]!, 'base64url').toString())).toEqual({
          alg: 'ES256',
          typ: 'vc+jwt',
          cty: 'vc',
          kid,
        })
        const list = securedCredential(compact, jwk as JsonWebKey)
        expect(list.issuer).toBe(running.service.department.did)
        const plain = JSON.parse(await bodyAt(entry.statusListCredential, 'application/vc'))
        const isSet = bitstringStatus(list, entry, new Date())
        expect(bitstringStatus(plain, entry, new Date())).toBe(isSet)
        if (isSet) set.push(entry.statusPurpose)
      }
      shown[name] = set
    }
    expect(shown).toEqual({
      untouched: [],
      suspended: ['suspension'],
      resumed: [],
      revoked: ['revocation'],
      superseded: ['revocation', 'refresh'],
    })
  })

  test('a list under another key, of another address or past its end is refused by that reader', async () => {
    const { reference, entries } = marks.revoked!
    const list = await bodyAt(reference.uri, token)
    const key = keyByCertificate(list, root)
    const now = new Date()
    const other = running.service.department.issuer.signer.key.jwk as JsonWebKey
    expect(() => tokenStatus(list, reference, other, now)).toThrow('signature')
    const elsewhere = { ...reference, uri: `${reference.uri}x` }
    expect(() => tokenStatus(list, elsewhere, key, now)).toThrow('sub')
    const later = new Date(now.getTime() + 901_000)
    expect(() => tokenStatus(list, reference, key, later)).toThrow('expired')
    const compact = await bodyAt(entries[0]!.statusListCredential, secured)
    expect(() => securedCredential(compact, other)).toThrow('signature')
    expect(() => tokenStatus(compact, reference, key, now)).toThrow('typ')
    const vc = securedCredential(compact, key)
    expect(() => bitstringStatus(vc, entries[1]!, now)).toThrow('id')
    expect(() => bitstringStatus(vc, entries[0]!, later)).toThrow('expired')
  })

  test('the past is shown as it was, at a moment the list itself names', async () => {
    const { reference, entries } = marks.revoked!
    const moment = Math.floor(beforeChanges.getTime() / 1000)
    const list = await bodyAt(`${reference.uri}?time=${moment}`, token)
    const { iat, exp } = payloadOf(list)
    expect(iat <= moment && moment < exp).toBe(true)
    const key = keyByCertificate(list, root)
    expect(tokenStatus(list, reference, key, beforeChanges)).toBe(0)
    const url = entries[0]!.statusListCredential
    const then = JSON.parse(await bodyAt(`${url}?time=${moment}`, 'application/json'))
    expect(bitstringStatus(then, entries[0]!, beforeChanges)).toBe(false)
    const text = beforeChanges.toISOString()
    const same = JSON.parse(await bodyAt(`${url}?time=${text}`, 'application/json'))
    expect(same.credentialSubject).toEqual(then.credentialSubject)
    const codes = []
    for (const time of [1, moment + 100_000, 'yesterday', '2026-99-99T00:00:00Z', '-5']) {
      const answer = await get(`${reference.uri}?time=${time}`)
      codes.push([answer.status, ((await answer.json()) as { code: string }).code])
    }
    expect(codes).toEqual([
      [404, 'status/no-such-time'],
      [404, 'status/no-such-time'],
      [400, 'request/malformed'],
      [400, 'request/malformed'],
      [400, 'request/malformed'],
    ])
  })

  test('a change is published with the next block that is final, under a new tag', async () => {
    const late = await issued('late', 6)
    await drain(running.service.department.issuer)
    const { reference } = marks.late!
    await running.service.chain.mirror.sync()
    const before = await get(reference.uri)
    const tag = before.headers.get('etag')!
    expect((await get(reference.uri, { 'if-none-match': tag })).status).toBe(304)
    await changed(late.fingerprint, 'revoked')
    await running.service.chain.mirror.sync()
    const after = await get(reference.uri, { 'if-none-match': tag })
    expect(after.status).toBe(200)
    const list = await after.text()
    const key = keyByCertificate(list, root)
    expect(tokenStatus(list, reference, key, new Date())).toBe(1)
  })

  test('who may keep it is told for how long, and in which form it comes', async () => {
    const { reference, entries } = marks.untouched!
    const { headers } = await get(reference.uri)
    expect(headers.get('cache-control')).toBe('public, max-age=30')
    expect(headers.get('vary')).toBe('Accept')
    expect(headers.get('content-type')).toBe(token)
    const url = entries[0]!.statusListCredential
    const types: Record<string, string | null> = {}
    for (const accept of [
      '*/*',
      'application/*;q=0.5, application/vc',
      `${token};q=1, */*;q=0.1`,
    ]) {
      types[accept] = (await get(url, { accept })).headers.get('content-type')
    }
    expect(types).toEqual({
      '*/*': 'application/json',
      'application/*;q=0.5, application/vc': 'application/vc',
      [`${token};q=1, */*;q=0.1`]: token,
    })
    const tags = new Set<string | null>()
    for (const accept of ['application/json', 'application/vc', secured, token]) {
      tags.add((await get(url, { accept })).headers.get('etag'))
    }
    expect(tags.size).toBe(4)
  })

  test('a list by its number is the same list', async () => {
    const { reference } = marks.suspended!
    const list = await bodyAt(`${running.url}/status-lists/0`, token)
    expect(tokenStatus(list, reference, keyByCertificate(list, root), new Date())).toBe(2)
    const plain = JSON.parse(await bodyAt(`${running.url}/status-lists/0`, 'application/json'))
    expect(plain.credentialSubject.statusPurpose).toBe('revocation')
  })

  test('what is no list of this department, and a form nobody has, are refused', async () => {
    const { address } = running.service.department
    const base = `${running.url}/status-lists`
    const asked = async (path: string, accept = '*/*') => {
      const answer = await get(`${base}/${path}`, { accept })
      return [answer.status, ((await answer.json()) as { code: string }).code]
    }
    expect(await asked(`${address}/1/token`)).toEqual([404, 'status/no-list'])
    expect(await asked('1')).toEqual([404, 'status/no-list'])
    expect(await asked(`0x${'ab'.repeat(20)}/0/token`)).toEqual([404, 'status/no-list'])
    expect(await asked(`${address}/0/other`)).toEqual([400, 'request/malformed'])
    expect(await asked(`${address}/00/token`)).toEqual([400, 'request/malformed'])
    expect(await asked(`${address}/-1/token`)).toEqual([400, 'request/malformed'])
    expect(await asked(`${address}/0/token`, 'text/html')).toEqual([406, 'request/not-acceptable'])
    expect(await asked('0', `${token};q=0`)).toEqual([406, 'request/not-acceptable'])
  })

  describe('our own verifier, where it knows no more than the lists', () => {
    const stranger = (changes: Partial<ForeignLists> = {}): ForeignLists => ({
      fetch: openFetch({ origins: [running.url], isDevelopment: true }).fetch,
      inflate,
      keysOf: (did) => running.service.verifier.keysOf(did),
      ...changes,
    })
    const read = async (
      payload: JsonObject,
      lists: ForeignLists = stranger(),
      now: Date = new Date(),
    ): Promise<unknown> => {
      const issuer = running.service.department.did
      try {
        const all = await readForeignStatus(lists, { issuer, payload }, now)
        return all.filter(({ state }) => state !== 'valid').map(({ state }) => state)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    const tokenPayload = ({ reference }: Marks) => ({ status: { status_list: reference } })

    test('H9: reads each status as the chain has it', async () => {
      const shown: Record<string, unknown> = {}
      for (const name of ['untouched', 'suspended', 'resumed', 'revoked', 'superseded']) {
        const { entries } = marks[name]!
        shown[name] = [
          await read(tokenPayload(marks[name]!)),
          await read({ credentialStatus: entries }),
        ]
      }
      expect(shown).toEqual({
        untouched: [[], []],
        suspended: [['suspended'], ['suspended']],
        resumed: [[], []],
        revoked: [['revoked'], ['revoked']],
        superseded: [['revoked'], ['revoked', 'other']],
      })
    })

    test('H8: refuses a list under another key, of another address, past its end, or unsigned', async () => {
      const payload = tokenPayload(marks.revoked!)
      const { entries } = marks.revoked!
      const { fetch: honest } = stranger()
      const swapped: Fetch = (request) =>
        honest({ ...request, url: request.url.replace(/token$/, 'refresh') })
      const plain: Fetch = (request) =>
        honest({ ...request, headers: { accept: 'application/json' } })
      const other = running.service.department.issuer.signer.key.jwk
      const later = new Date(Date.now() + 901_000)
      expect(await read(payload, stranger({ keysOf: async () => [other] }))).toBe('signature/bad')
      expect(await read(payload, stranger({ fetch: swapped }))).toBe('status/other-list')
      expect(await read(payload, stranger(), later)).toBe('status/stale-list')
      const bitstrings = { credentialStatus: entries }
      expect(await read(bitstrings, stranger({ fetch: plain }))).toBe('signature/no-key')
    })

    test('I4: asks for whole lists only, the same for every certificate of a list', async () => {
      const asked: string[][] = []
      for (const name of ['revoked', 'untouched']) {
        const requests: string[] = []
        const { fetch: honest } = stranger()
        const noted: Fetch = (request) => {
          requests.push(JSON.stringify(request))
          return honest(request)
        }
        await read(tokenPayload(marks[name]!), stranger({ fetch: noted }))
        await read({ credentialStatus: marks[name]!.entries }, stranger({ fetch: noted }))
        asked.push(requests)
      }
      expect(asked[0]).toHaveLength(4)
      expect(asked[0]).toEqual(asked[1])
    })
  })

  test('I4: who verifies on the chain asks nobody for a status; without a mirror its own node', async () => {
    const { chain, department } = running.service
    let outgoing: string[] = []
    const note = (message: unknown) => {
      const { request } = message as { request: { origin: string } | ClientRequest }
      const host = 'origin' in request ? new URL(request.origin).host : request.getHeader('host')
      outgoing.push(String(host))
    }
    const askedBy = async (verifier: Verifier) => {
      outgoing = []
      for (const name of ['untouched', 'revoked']) {
        const { proof } = await proofFor(department.issuer, marks[name]!.fingerprint)
        const credential = marks[name]!.token
        await chain.mirror.sync()
        const channels = ['undici:request:create', 'http.client.request.start']
        for (const channel of channels) subscribe(channel, note)
        const evidence = await gather(verifier, writeCertificateFile({ credential, proof }))
        for (const channel of channels) unsubscribe(channel, note)
        expect(evidence.credentials).toHaveLength(1)
      }
      return [...new Set(outgoing)]
    }
    expect(await askedBy(openVerifier(chain, { isWarm: true }))).toEqual([])
    // The chain's front, in this process, asks the node behind it.
    const asked = await askedBy(openVerifier(chain))
    expect(asked).toContain(new URL(district.rpc).host)
    expect(asked).not.toContain(new URL(running.url).host)
  })

  test('a service that publishes is ready', async () => {
    const { checks } = (await (await running.ask('GET', '/readyz')).json()) as {
      checks: Record<string, boolean>
    }
    expect(checks['status-lists']).toBe(true)
  })
})
