import { expect, test } from 'vitest'
import { parseJws, type TokenType } from '../../src/credential/jws.ts'
import { codeOf, did, jws, kid } from './samples.ts'

const header = (more: object = {}) => ({ alg: 'ES256', typ: 'vc+jwt', kid, ...more })
const parse = (compact: string, types: readonly TokenType[] = ['vc+jwt']) =>
  parseJws(compact, types)
const good = jws(header(), { a: 1 })

test('a JWS is taken apart: header, payload, signing input and 64 bytes of signature', () => {
  const read = parse(good)
  expect(read.alg).toBe('ES256')
  expect(read.kid).toBe(kid)
  expect(read.payload).toEqual({ a: 1 })
  expect(good.startsWith(`${read.signingInput}.`)).toBe(true)
  expect(read.signature).toHaveLength(64)
})

test.each(['none', 'None', 'NONE', '', undefined, null, 0, [], {}, ['ES256'], 'es256', 'ES256 '])(
  'A1: alg %j is refused before anything else is looked at',
  (alg) => {
    expect(codeOf(() => parse(jws({ ...header(), alg }, {})))).toBe('credential/alg-not-allowed')
  },
)

test('A1: an empty or missing signature is refused', () => {
  const input = parse(good).signingInput
  expect(codeOf(() => parse(`${input}.`))).toBe('credential/malformed')
  expect(codeOf(() => parse(input))).toBe('credential/malformed')
  expect(codeOf(() => parse(`${input}.AAAA`))).toBe('credential/malformed')
})

test.each([
  'constructor',
  'toString',
  '__proto__',
  'isPrototypeOf',
  'hasOwnProperty',
  'valueOf',
  'get',
  'size',
])('A2: alg %j is no member of the allow-list', (alg) => {
  expect(codeOf(() => parse(jws(`{"alg":"${alg}","typ":"vc+jwt"}`, {})))).toBe(
    'credential/alg-not-allowed',
  )
})

test.each([
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'PS256',
  'ES384',
  'ES512',
  'ES256K-R',
  'Ed25519',
  'Ed448',
  'dir',
  'ECDH-ES',
])('A3: alg %s is not allowed', (alg) => {
  expect(codeOf(() => parse(jws(header({ alg }), {})))).toBe('credential/alg-not-allowed')
})

const hostile = {
  jwk: { kty: 'EC' },
  jku: 'https://127.0.0.1/jwks',
  x5u: 'https://127.0.0.1/x5u',
  x5c: ['MAA='],
  x5t: 'AAAA',
  'x5t#S256': 'AAAA',
  crit: ['b64'],
  b64: false,
  zip: 'DEF',
  enc: 'A256GCM',
  epk: {},
  p2c: 1_000_000_000,
  iss: did,
  nonce: 'x',
}
test.each(Object.entries(hostile))('A5: header member %s is refused', (name, value) => {
  expect(codeOf(() => parse(jws(header({ [name]: value }), {})))).toBe(
    'credential/header-not-allowed',
  )
})

test('A10: unknown crit, b64 and duplicate header members are refused', () => {
  expect(codeOf(() => parse(jws(header({ crit: ['exp'], exp: 1 }), {})))).toBe(
    'credential/header-not-allowed',
  )
  expect(codeOf(() => parse(jws('{"alg":"none","alg":"ES256","typ":"vc+jwt"}', {})))).toBe(
    'json/duplicate-member',
  )
  expect(codeOf(() => parse(jws('{"alg":"ES256","typ":"kb+jwt","typ":"vc+jwt"}', {})))).toBe(
    'json/duplicate-member',
  )
})

const kinds: readonly TokenType[] = [
  'vc+jwt',
  'dc+sd-jwt',
  'vc+sd-jwt',
  'JWT',
  'kb+jwt',
  'vp+jwt',
  'statuslist+jwt',
  'oauth-authz-req+jwt',
]
test('A10: no kind of token passes for another, all pairs', () => {
  for (const made of [...kinds, 'at+jwt', 'openid4vci-proof+jwt', 'VC+JWT', 'application/vc+jwt']) {
    for (const asked of kinds) {
      const code = codeOf(() => parse(jws({ alg: 'ES256', typ: made }, {}), [asked]))
      expect(code, `${made} as ${asked}`).toBe(made === asked ? 'accepted' : 'credential/wrong-typ')
    }
  }
  expect(codeOf(() => parse(jws({ alg: 'ES256' }, {})))).toBe('credential/wrong-typ')
  expect(codeOf(() => parse(jws({ alg: 'ES256', typ: ['vc+jwt'] }, {})))).toBe(
    'credential/wrong-typ',
  )
})

test('A8: a token has one spelling', () => {
  const [head, body, signature] = good.split('.') as [string, string, string]
  const last = signature.at(-1)!
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const otherBits = signature.slice(0, -1) + alphabet[alphabet.indexOf(last) ^ 1]
  const spellings = [
    `${head}.${body}.${otherBits}`,
    `${good}=`,
    `${good}==`,
    `${good}\n`,
    ` ${good}`,
    `${head}.${body}\n.${signature}`,
    `${head} .${body}.${signature}`,
    `${head}=.${body}.${signature}`,
    good.replaceAll('-', '+').replaceAll('_', '/'),
    `${good}.`,
    `.${good}`,
    `${head}..${body}.${signature}`,
    `${head}.${body}.${signature}.${signature}`,
  ]
  for (const spelling of spellings) {
    if (spelling === good) continue
    expect(
      codeOf(() => parse(spelling)),
      spelling.slice(-12),
    ).toMatch(/^(credential|json)\//)
  }
})

test('B6: a JWT above 64 KiB is refused unread', () => {
  expect(codeOf(() => parse(jws(header(), { a: 'x'.repeat(50_000) })))).toBe('credential/too-large')
})

test.each([
  [[]],
  ['MAA='],
  [['']],
  [['MAA']],
  [['MA-_']],
  [['AAAA']],
  [[1]],
  [Array(5).fill('MAA=')],
  [['MAA==']],
  [['MAB=']],
])('B11: x5c %j is refused', (x5c) => {
  const compact = jws({ alg: 'ES256', typ: 'dc+sd-jwt', x5c }, {})
  expect(codeOf(() => parse(compact, ['dc+sd-jwt']))).toMatch(/header-not-allowed|bad-base64url/)
})

test('x5c is read as DER, leaf first', () => {
  const compact = jws({ alg: 'ES256', typ: 'dc+sd-jwt', x5c: ['MAA=', 'MAAA'] }, {})
  expect(parse(compact, ['dc+sd-jwt']).x5c).toEqual([
    Uint8Array.of(0x30, 0),
    Uint8Array.of(0x30, 0, 0),
  ])
})

test('B11: a header or payload that is no object is refused', () => {
  for (const value of ['[]', '"a"', '1', 'null', 'true', '', '{"a":1}x']) {
    expect(codeOf(() => parse(jws(value, {})))).toMatch(/^(json|credential)\/malformed$/)
    expect(codeOf(() => parse(jws(header(), value)))).toMatch(/^(json|credential)\/malformed$/)
  }
})

test('B11: kid and cty of another form are refused', () => {
  for (const more of [
    { kid: 1 },
    { kid: '' },
    { kid: null },
    { kid: [kid] },
    { cty: 'JWT' },
    { cty: 1 },
    { cty: 'vp' },
  ]) {
    expect(codeOf(() => parse(jws(header(more), {})))).toBe('credential/header-not-allowed')
  }
  expect(codeOf(() => parse(jws(header({ cty: 'vc' }), {})))).toBe('accepted')
})

test('a header that was read before is judged again for what is asked now', () => {
  const header2 = { alg: 'ES256', typ: 'vp+jwt', kid }
  expect(codeOf(() => parse(jws(header2, {}), ['vp+jwt']))).toBe('accepted')
  expect(codeOf(() => parse(jws(header2, {}), ['vc+jwt']))).toBe('credential/wrong-typ')
  const { header: read } = parse(good)
  expect(() => Object.assign(read, { alg: 'none' })).toThrow(TypeError)
  expect(parse(good).header.alg).toBe('ES256')
})
