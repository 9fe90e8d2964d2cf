import { describe, expect, test } from 'vitest'
import { sha256Base64url } from '#primitives'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { resolveDisclosures } from '../../src/credential/sdjwt.ts'
import { splitToken } from '../../src/credential/token.ts'
import vectors from '../vectors/rfc9901.json' with { type: 'json' }
import { codeOf, disclosure } from './samples.ts'

const anything = () => true
const resolve = (payload: JsonObject, ...encoded: string[]) =>
  resolveDisclosures(payload, encoded, anything)
const refused = (payload: JsonObject, ...encoded: string[]) =>
  codeOf(() => resolve(payload, ...encoded))

describe('RFC 9901 examples', () => {
  test.each(vectors.disclosures)(
    'the disclosure of $contents has the published digest and reads back',
    (vector) => {
      expect(sha256Base64url(vector.disclosure)).toBe(vector.digest)
      const [salt, ...rest] = vector.contents as [string, ...Json[]]
      const isElement = rest.length === 1
      const payload: JsonObject = isElement
        ? { list: ['first', { '...': vector.digest }] }
        : { _sd: [vector.digest] }
      const read = resolve(payload, vector.disclosure)
      expect(read.payload).toEqual(
        isElement ? { list: ['first', rest[0]] } : { [rest[0] as string]: rest[1] },
      )
      expect(read.disclosures).toEqual([
        { encoded: vector.disclosure, salt, path: isElement ? ['list', 1] : [rest[0]] },
      ])
    },
  )

  test('several claims and array elements together, some withheld (section 5.2)', () => {
    const [, us, given, family, email] = vectors.disclosures
    const payload = {
      _sd: [given!.digest, family!.digest, email!.digest],
      nationalities: [
        { '...': us!.digest },
        { '...': 'pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo' },
      ],
      sub: 'user_42',
      _sd_alg: 'sha-256',
    }
    expect(resolve(payload, family!.disclosure, us!.disclosure).payload).toEqual({
      sub: 'user_42',
      nationalities: ['FR'],
      family_name: 'Doe',
    })
    expect(resolve(payload).payload).toEqual({ sub: 'user_42', nationalities: [] })
    expect(payload._sd).toHaveLength(3)
  })
})

const a = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'a', 1)
const element = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'x')

describe('B7: RFC 9901 section 7.1', () => {
  test('a referenced disclosure is accepted', () => {
    expect(resolve({ _sd: [a.digest] }, a.encoded).payload).toEqual({ a: 1 })
  })

  test('parts inside a disclosed part are found, and need the outer one', () => {
    const outer = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'o', {
      _sd: [a.digest],
      list: [{ '...': element.digest }],
    })
    const payload = { _sd: [outer.digest] }
    const read = resolve(payload, a.encoded, outer.encoded, element.encoded)
    expect(read.payload).toEqual({ o: { a: 1, list: ['x'] } })
    expect(read.disclosures.map(({ path }) => path)).toEqual([['o'], ['o', 'list', 0], ['o', 'a']])
    expect(refused(payload, a.encoded)).toBe('credential/bad-disclosure')
  })

  const salted = (...parts: Json[]) => disclosure('c2FsdHNhbHRzYWx0c2FsdA', ...parts)
  const referenced = (
    part: { encoded: string; digest: string },
    more: JsonObject = {},
  ): [JsonObject, string] => [{ _sd: [part.digest], ...more }, part.encoded]
  const shapes: [string, JsonObject, ...string[]][] = [
    ['an unreferenced disclosure', { _sd: [] }, a.encoded],
    ['an unreferenced disclosure without any _sd', {}, a.encoded],
    ['the same disclosure twice', { _sd: [a.digest] }, a.encoded, a.encoded],
    ['a digest twice in one list', { _sd: [a.digest, a.digest] }, a.encoded],
    ['a digest in two lists', { _sd: [a.digest], o: { _sd: [a.digest] } }, a.encoded],
    ['an undisclosed digest twice', { _sd: ['x'], o: { _sd: ['x'] } }],
    ['a digest in a list and an array', { _sd: [a.digest], l: [{ '...': a.digest }] }, a.encoded],
    ['a claim that is there already', ...referenced(a, { a: 2 })],
    [
      'two disclosures of one name',
      { _sd: [a.digest, salted('a', 2).digest] },
      a.encoded,
      salted('a', 2).encoded,
    ],
    ['the reserved name _sd', ...referenced(salted('_sd', []))],
    ['the reserved name ...', ...referenced(salted('...', 'x'))],
    ['the reserved name _sd_alg', ...referenced(salted('_sd_alg', 'sha-256'))],
    ['a name that is no string', ...referenced(salted(1, 2))],
    ['a salt that is no string', ...referenced(disclosure(1, 'a', 2))],
    ['one part', ...referenced(disclosure('c2FsdHNhbHRzYWx0c2FsdA'))],
    ['four parts', ...referenced(salted('a', 1, 2))],
    [
      'an object in place of the list',
      ...referenced({ encoded: 'e30', digest: sha256Base64url('e30') }),
    ],
    ['an element among the claims', ...referenced(element)],
    ['a claim among the elements', { l: [{ '...': a.digest }] }, a.encoded],
    ['_sd that is no list', { _sd: a.digest }, a.encoded],
    ['_sd that is an object', { _sd: { 0: a.digest } }, a.encoded],
    ['_sd that is null', { _sd: null }],
    ['a digest that is no string', { _sd: [1] }],
    ['a nested digest list', { _sd: [[a.digest]] }, a.encoded],
    ['... beside other members', { l: [{ '...': element.digest, x: 1 }] }, element.encoded],
    ['... that is no string', { l: [{ '...': 1 }] }],
    ['... outside an array', { o: { '...': element.digest } }, element.encoded],
    ['... at the top', { '...': element.digest }, element.encoded],
    ['_sd_alg inside an object', { o: { _sd_alg: 'sha-256' } }],
    ['_sd_alg inside an array', { l: [{ _sd_alg: 'sha-256' }] }],
    ['_sd_alg inside a disclosure', ...referenced(salted('a', { _sd_alg: 'sha-256' }))],
    ['_sd_alg of another hash', { _sd_alg: 'sha-512' }],
    ['_sd_alg of a weak hash', { _sd_alg: 'md5' }],
    ['_sd_alg that is null', { _sd_alg: null }],
    ['_sd_alg spelled otherwise', { _sd_alg: 'SHA-256' }],
  ]
  test.each(shapes)('%s is refused', (_, payload, ...encoded) => {
    expect(refused(payload, ...encoded)).toBe('credential/bad-disclosure')
  })

  test('a disclosure that is no strict JSON or base64url is refused', () => {
    const raw = (text: string) => {
      const encoded = Buffer.from(text).toString('base64url')
      return refused({ _sd: [sha256Base64url(encoded)] }, encoded)
    }
    expect(raw('["c2FsdHNhbHRzYWx0c2FsdA","a",{"b":1,"b":2}]')).toBe('json/duplicate-member')
    expect(raw('["c2FsdHNhbHRzYWx0c2FsdA","a",1.5]')).toBe('json/unsafe-number')
    expect(raw('["c2FsdHNhbHRzYWx0c2FsdA","a",1] ["x"]')).toBe('json/malformed')
    expect(raw('')).toBe('json/malformed')
    const padded = `${a.encoded}=`
    expect(refused({ _sd: [sha256Base64url(padded)] }, padded)).toBe('credential/bad-base64url')
  })

  test('B5: disclosures inside one another do not go deeper than 32', () => {
    let inner = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'n', 0)
    const all = [inner.encoded]
    for (let i = 0; i < 100; i++) {
      inner = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'n', { _sd: [inner.digest] })
      all.push(inner.encoded)
    }
    expect(refused({ _sd: [inner.digest] }, ...all)).toBe('json/too-deep')
  })

  test('what must stay visible is not disclosable, also not from inside', () => {
    const mayConceal = (name: string) => name !== 'cnf'
    const code = (payload: JsonObject, ...encoded: string[]) =>
      codeOf(() => resolveDisclosures(payload, encoded, mayConceal))
    const cnf = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'cnf', {})
    expect(code({ _sd: [cnf.digest] }, cnf.encoded)).toBe('credential/bad-disclosure')
    expect(code({ cnf: { _sd: ['x'] } })).toBe('credential/bad-disclosure')
    expect(code({ cnf: { deep: [{ '...': 'x' }] } })).toBe('credential/bad-disclosure')
    expect(code({ other: { _sd: ['x'] } })).toBe('accepted')
  })
})

test('B6: putting disclosures in place is linear', () => {
  const parts = Array.from({ length: 30_000 }, (_, i) =>
    disclosure('c2FsdHNhbHRzYWx0c2FsdA', `n${i}`, i),
  )
  const payload = { _sd: parts.map(({ digest }) => digest) }
  const encoded = parts.map((part) => part.encoded)
  const start = process.cpuUsage()
  resolveDisclosures(payload, encoded, anything)
  // Measured 0.2 s; a search through the list for each would take 20 s and more.
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(4)
})

test('B6: whole tokens and their number of disclosures are limited', () => {
  expect(codeOf(() => splitToken('a~'.repeat(2002)))).toBe('credential/too-large')
  expect(codeOf(() => splitToken('a'.repeat(300_000)))).toBe('credential/too-large')
})

test('a token is cut at its tildes exactly', () => {
  expect(splitToken('j~')).toEqual({
    jwt: 'j',
    disclosures: [],
    keyBinding: undefined,
    unbound: 'j~',
  })
  expect(splitToken('j~d~e~')).toMatchObject({ disclosures: ['d', 'e'], keyBinding: undefined })
  expect(splitToken('j~d~k')).toEqual({
    jwt: 'j',
    disclosures: ['d'],
    keyBinding: 'k',
    unbound: 'j~d~',
  })
  expect(splitToken('j')).toEqual({
    jwt: 'j',
    disclosures: undefined,
    keyBinding: undefined,
    unbound: 'j',
  })
  for (const bad of ['~', 'j~~', 'j~~d~', '~d~', 'j~d~~k', '~k']) {
    expect(
      codeOf(() => splitToken(bad)),
      bad,
    ).toBe('credential/malformed')
  }
})
