import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { encodeBase64url, generateKeyPair, importPrivateKey, sign } from '#primitives'
import { openFetch } from '../../src/adapters/http/fetch.ts'
import { inflate } from '../../src/adapters/http/inflate.ts'
import type { JsonObject } from '../../src/credential/model.ts'
import { TrustError } from '../../src/errors.ts'
import { statusEntries } from '../../src/verifier/foreignEntry.ts'
import { type ForeignLists, readForeignStatus } from '../../src/verifier/foreignStatus.ts'

const now = new Date('2026-11-22T08:00:00Z')
const issuer = 'did:example:issuer'
const url = 'https://issuer.example/lists/7'
const key = generateKeyPair()
const stranger = generateKeyPair()

function jwt(typ: string, payload: unknown, { privateJwk } = key, header: JsonObject = {}): string {
  const input = [{ alg: 'ES256', typ, ...header }, payload]
    .map((part) => encodeBase64url(JSON.stringify(part)))
    .join('.')
  return `${input}.${encodeBase64url(sign(importPrivateKey(privateJwk), input))}`
}

const tokenCredential = (idx: unknown) => ({
  issuer,
  payload: { status: { status_list: { uri: url, idx } } } as JsonObject,
})
const tokenClaims = {
  sub: url,
  iss: issuer,
  iat: now.getTime() / 1000 - 60,
  exp: now.getTime() / 1000 + 60,
  // IETF Token Status List section 4.1, 2 bits: 1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3
  status_list: { bits: 2, lst: 'eNo76fITAAPfAgc' },
}

const bits = (...set: number[]) => {
  const bytes = new Uint8Array(131_072 / 8)
  for (const bit of set) bytes[bit >>> 3]! |= 0x80 >>> (bit & 7)
  return bytes
}
const encoded = (bytes: Uint8Array) => `u${gzipSync(bytes).toString('base64url')}`
const entry = (more: JsonObject = {}): JsonObject => ({
  type: 'BitstringStatusListEntry',
  statusPurpose: 'revocation',
  statusListIndex: '5',
  statusListCredential: url,
  ...more,
})
const bitCredential = (...entries: JsonObject[]) => ({
  issuer,
  payload: { credentialStatus: entries } as JsonObject,
})
const listCredential = (subject: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  '@context': ['https://www.w3.org/ns/credentials/v2'],
  id: url,
  type: ['VerifiableCredential', 'BitstringStatusListCredential'],
  issuer,
  validUntil: '2026-11-22T08:01:00Z',
  credentialSubject: {
    type: 'BitstringStatusList',
    statusPurpose: 'revocation',
    encodedList: encoded(bits(5)),
    ...subject,
  },
  ...more,
})

/** What a served list makes of a credential: its statuses, or the code of the refusal. */
async function judged(
  credential: Parameters<typeof readForeignStatus>[1],
  body: string | Uint8Array,
  mediaType = 'application/statuslist+jwt',
  more: Partial<ForeignLists> = {},
  status = 200,
) {
  const lists: ForeignLists = {
    fetch: async (request) => {
      expect(request.url).toBe(url)
      expect(request.maxBytes).toBeLessThanOrEqual(2 * 1024 * 1024)
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
      return { status, headers: { 'content-type': mediaType }, body: bytes }
    },
    inflate,
    keysOf: async (name) => (name === issuer ? [key.publicJwk] : []),
    ...more,
  }
  try {
    const statuses = await readForeignStatus(lists, credential, now)
    return statuses.map(({ state, value }) => `${state} ${value}`)
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('H9: a token list of another issuer is read at its index, low bits first', async () => {
  const list = jwt('statuslist+jwt', tokenClaims)
  expect(await judged(tokenCredential(0), list)).toEqual(['revoked 1'])
  expect(await judged(tokenCredential(1), list)).toEqual(['suspended 2'])
  expect(await judged(tokenCredential(2), list)).toEqual(['valid 0'])
  expect(await judged(tokenCredential(11), list)).toEqual(['other 3'])
  expect(await judged(tokenCredential(12), list)).toBe('status/bad-index')
})

test('H9: lists of 1, 4 and 8 bits are read too', async () => {
  // IETF Token Status List section 4.1, 1 bit: 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1
  const one = { bits: 1, lst: 'eNrbuRgAAhcBXQ' }
  const four = { bits: 4, lst: deflateSync(Uint8Array.of(0x21, 0xf0)).toString('base64url') }
  const eight = { bits: 8, lst: deflateSync(Uint8Array.of(0, 2, 200)).toString('base64url') }
  const at = (status_list: JsonObject, index: number) =>
    judged(tokenCredential(index), jwt('statuslist+jwt', { ...tokenClaims, status_list }))
  const read = await Promise.all(Array.from({ length: 16 }, (_, index) => at(one, index)))
  expect(read.map((each) => Number(String(each).at(-1)))).toEqual([
    1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1,
  ])
  expect(await at(four, 0)).toEqual(['revoked 1'])
  expect(await at(four, 1)).toEqual(['suspended 2'])
  expect(await at(four, 3)).toEqual(['other 15'])
  expect(await at(eight, 1)).toEqual(['suspended 2'])
  expect(await at(eight, 2)).toEqual(['other 200'])
})

test.each([
  ['of another address', { sub: `${url}8` }, 'status/other-list'],
  ['of another issuer', { iss: 'did:example:other' }, 'status/other-list'],
  ['that is out of date', { exp: now.getTime() / 1000 }, 'status/stale-list'],
  ['from the future', { iat: now.getTime() / 1000 + 61 }, 'status/stale-list'],
  ['without a date', { iat: undefined }, 'status/bad-list'],
  ['with exp as text', { exp: '2027' }, 'status/bad-list'],
  ['of three bits', { status_list: { bits: 3, lst: 'eNo76fITAAPfAgc' } }, 'status/bad-list'],
  ['that is no DEFLATE', { status_list: { bits: 1, lst: 'AAAA' } }, 'status/bad-list'],
  ['in padded base64', { status_list: { bits: 1, lst: 'eNo76fITAAPfAgc=' } }, 'status/bad-list'],
  ['that is gzip', { status_list: { bits: 1, lst: encoded(bits()).slice(1) } }, 'status/bad-list'],
  ['that is none', { status_list: undefined }, 'status/bad-list'],
])('H8: a token list %s says nothing', async (_, change, code) => {
  expect(
    await judged(tokenCredential(0), jwt('statuslist+jwt', { ...tokenClaims, ...change })),
  ).toBe(code)
})

test('A10, H8: another key, token or media type says nothing, nor does a changed byte', async () => {
  const credential = tokenCredential(2)
  const good = jwt('statuslist+jwt', tokenClaims)
  expect(await judged(credential, jwt('statuslist+jwt', tokenClaims, stranger))).toBe(
    'signature/bad',
  )
  expect(await judged(credential, jwt('vc+jwt', tokenClaims))).toBe('status/bad-list')
  expect(await judged(credential, good, 'application/jwt')).toBe('status/bad-list')
  expect(await judged(credential, good, '')).toBe('status/bad-list')
  expect(await judged(credential, `${good}A`)).toBe('status/bad-list')
  expect(await judged(credential, 'nothing')).toBe('status/bad-list')
  expect(await judged(credential, Uint8Array.of(0xff))).toBe('status/bad-list')
  expect(await judged(credential, good, undefined, { keysOf: async () => [] })).toBe(
    'signature/no-key',
  )
  const withKey = jwt('statuslist+jwt', tokenClaims, stranger, { jwk: { ...stranger.publicJwk } })
  expect(await judged(credential, withKey)).toBe('status/bad-list')
  for (const status of [204, 301, 404, 500])
    expect(await judged(credential, good, undefined, {}, status)).toBe('status/list-not-served')
})

test('H9: a bitstring list is read at its index, high bit first, as JWT and enveloped', async () => {
  const list = jwt('vc+jwt', listCredential(), key, { kid: `${issuer}#1` })
  const at = (index: string) => bitCredential(entry({ statusListIndex: index }))
  expect(await judged(at('5'), list, 'application/vc+jwt')).toEqual(['revoked 1'])
  expect(await judged(at('4'), list, 'application/vc+jwt; charset=utf-8')).toEqual(['valid 0'])
  expect(await judged(at('131071'), list, 'application/vc+jwt')).toEqual(['valid 0'])
  expect(await judged(at('131072'), list, 'application/vc+jwt')).toBe('status/bad-index')
  const enveloped = JSON.stringify({
    '@context': 'https://www.w3.org/ns/credentials/v2',
    type: 'EnvelopedVerifiableCredential',
    id: `data:application/vc+jwt,${list}`,
  })
  expect(await judged(at('5'), enveloped, 'application/vc')).toEqual(['revoked 1'])
})

test('purposes differ: suspension suspends, a message ends nothing, two entries give two answers', async () => {
  const list = (statusPurpose: string) =>
    jwt('vc+jwt', listCredential({ statusPurpose }), key, { kid: `${issuer}#1` })
  const of = (statusPurpose: string) => bitCredential(entry({ statusPurpose }))
  const type = 'application/vc+jwt'
  expect(await judged(of('suspension'), list('suspension'), type)).toEqual(['suspended 1'])
  expect(await judged(of('message'), list('message'), type)).toEqual(['other 1'])
  expect(await judged(of('suspension'), list('revocation'), type)).toBe('status/other-list')
  const two = bitCredential(entry(), entry({ statusListIndex: '6' }))
  expect(await judged(two, list('revocation'), type)).toEqual(['revoked 1', 'valid 0'])
})

test('entries of several bits are read as one number', async () => {
  const bytes = new Uint8Array((131_072 * 2) / 8)
  bytes[1] = 0b0010_0000
  const list = jwt(
    'vc+jwt',
    listCredential({ statusPurpose: 'message', encodedList: encoded(bytes) }),
  )
  const wide = bitCredential(entry({ statusPurpose: 'message', statusSize: 2 }))
  expect(await judged(wide, list, 'application/vc+jwt')).toEqual(['other 2'])
})

test.each([
  ['of another issuer', {}, { issuer: 'did:example:other' }, 'status/other-list'],
  ['of another address', {}, { id: `${url}8` }, 'status/other-list'],
  ['that is out of date', {}, { validUntil: '2026-11-22T08:00:00Z' }, 'status/stale-list'],
  [
    'that begins tomorrow',
    {},
    { validFrom: '2026-11-23T08:00:00Z', validUntil: '2026-12-01T00:00:00Z' },
    'status/stale-list',
  ],
  ['of another type', {}, { type: ['VerifiableCredential'] }, 'status/bad-list'],
  ['of another subject', { type: 'StatusList2021' }, {}, 'status/bad-list'],
  ['that is short', { encodedList: encoded(new Uint8Array(16_383)) }, {}, 'status/bad-list'],
  ['without multibase', { encodedList: encoded(bits()).slice(1) }, {}, 'status/bad-list'],
  ['that is no gzip', { encodedList: 'uAAAA' }, {}, 'status/bad-list'],
])('H8: a bitstring list %s says nothing', async (_, subject, more, code) => {
  const list = jwt('vc+jwt', listCredential(subject as JsonObject, more as JsonObject))
  expect(await judged(bitCredential(entry()), list, 'application/vc+jwt')).toBe(code)
})

test('B8: a list that opens to more than eight megabytes is refused in both forms', async () => {
  const zeros = new Uint8Array(64 * 1024 * 1024)
  const lst = deflateSync(zeros).toString('base64url')
  const token = jwt('statuslist+jwt', { ...tokenClaims, status_list: { bits: 1, lst } })
  expect(token.length).toBeLessThan(200_000)
  expect(await judged(tokenCredential(0), token)).toBe('status/bad-list')
  const bomb = jwt('vc+jwt', listCredential({ encodedList: encoded(zeros) }))
  expect(await judged(bitCredential(entry()), bomb, 'application/vc+jwt')).toBe('status/bad-list')
})

test('a list with a Data Integrity proof is believed only where somebody checks the proof', async () => {
  const body = JSON.stringify(listCredential())
  const credential = bitCredential(entry())
  expect(await judged(credential, body, 'application/json')).toBe('signature/no-key')
  const checkProof = async () => {
    throw new TrustError('signature/bad')
  }
  expect(await judged(credential, body, 'application/vc', { checkProof })).toBe('signature/bad')
  const good = { checkProof: async () => {} }
  expect(await judged(credential, body, 'application/vc+ld+json', good)).toEqual(['revoked 1'])
  expect(await judged(credential, body, 'text/html', good)).toBe('status/bad-list')
})

test('entries that cannot be read are refused, and unknown kinds are not passed over', async () => {
  const bad = [
    { status: 5 },
    { status: { status_list: { uri: url } } },
    { status: { status_list: { uri: url, idx: '1' } } },
    { status: { status_list: { uri: url, idx: -1 } } },
    { credentialStatus: 'x' },
    { credentialStatus: entry({ statusListIndex: '01' }) },
    { credentialStatus: entry({ statusListIndex: 5 }) },
    { credentialStatus: entry({ statusSize: 0 }) },
    { credentialStatus: Array.from({ length: 9 }, () => entry()) },
    { credentialStatus: { type: 'StatusList2021Entry' } },
    { status: { other: {} } },
  ] as unknown as JsonObject[]
  for (const payload of bad)
    expect(await judged({ issuer, payload }, ''), JSON.stringify(payload)).toBe('status/bad-entry')
  expect(statusEntries({})).toEqual([])
  expect(await judged({ issuer, payload: {} }, '')).toEqual([])
})

test('J9: over the real way out a list is read, and a private address is not asked', async () => {
  const base = { port: 0 }
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    const sub = `http://127.0.0.1:${base.port}/7`
    response.setHeader('content-type', 'application/statuslist+jwt')
    response.end(jwt('statuslist+jwt', { ...tokenClaims, sub }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  base.port = (server.address() as AddressInfo).port
  const uri = `http://127.0.0.1:${base.port}/7`
  const credential = { issuer, payload: { status: { status_list: { uri, idx: 0 } } } as JsonObject }
  const keysOf = async () => [key.publicJwk]
  const open = openFetch({ isDevelopment: true })
  const closed = openFetch()
  onTestFinished(async () => {
    await Promise.all([open.close(), closed.close()])
  })
  expect(await readForeignStatus({ ...open, inflate, keysOf }, credential, now)).toEqual([
    { state: 'revoked', value: 1, purpose: 'status' },
  ])
  const refused = readForeignStatus({ ...closed, inflate, keysOf }, credential, now)
  await expect(refused).rejects.toMatchObject({ code: 'fetch/bad-address' })
  expect(asked).toBe(1)
})
