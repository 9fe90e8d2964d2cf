import { describe, expect, test } from 'vitest'
import { encodeBase64url, importPublicKey, verifySignature } from '#primitives'
import { fingerprint } from '../../src/credential/fingerprint.ts'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import {
  changed,
  codeOf,
  did,
  draftOf,
  fields,
  forged,
  formats,
  holderJwk,
  issuerJwk,
  jws,
  kid,
  publicJwk,
  salt,
  titleType,
  tokenOf,
} from './samples.ts'

describe.each(formats)('%s', (format) => {
  test('a good token says who, what, when and where', () => {
    const token = tokenOf(draftOf(format))
    const read = parseCredential(token)
    expect(read).toMatchObject({
      format,
      alg: 'ES256',
      kid,
      x5c: undefined,
      issuer: did,
      certificateType: titleType,
      certificate: 'SAMPLE-1',
      issuedAt: new Date(1_790_000_000_000),
      chain: 'eip155:7001',
      status: { list: 3, index: 77 },
      salt,
      replaces: undefined,
      holderKey: publicJwk(holderJwk),
    })
    expect(read.claims).toEqual(fields())
    expect(read.fingerprint).toEqual(fingerprint(read.signingInput))
    expect(verifySignature(importPublicKey(issuerJwk), read.signingInput, read.signature)).toBe(
      true,
    )
  })

  test('A8: the fingerprint does not depend on the signature', () => {
    const token = forged(draftOf(format))
    const other = token.replace(/[^.]{86}(~?)$/, `${'B'.repeat(85)}A$1`)
    expect(parseCredential(other).fingerprint).toEqual(parseCredential(token).fingerprint)
    expect(
      parseCredential(changed(format, (payload) => (payload.iat = 1))).fingerprint,
    ).not.toEqual(parseCredential(token).fingerprint)
  })

  test('a credential without weir is foreign, not malformed', () => {
    const read = parseCredential(
      changed(format, (payload) => {
        delete payload.weir
        delete payload.salt
      }),
    )
    expect(read).toMatchObject({ chain: undefined, status: undefined, salt: undefined })
  })

  test('A11: a kid of another DID, relative, or empty behind # is refused', () => {
    for (const other of [
      '#delegate-1',
      'delegate-1',
      `${did}0#delegate-1`,
      `${did}#`,
      did,
      `x${kid}`,
    ]) {
      const code = codeOf(() =>
        parseCredential(changed(format, (_, header) => (header.kid = other))),
      )
      expect(code, other).toBe('credential/bad-claim')
    }
  })

  test('what is missing is named', () => {
    const needed: [string, (payload: JsonObject) => unknown][] = [
      ['iss', (payload) => delete payload.iss],
      ['iat', (payload) => delete payload.iat],
      ['salt', (payload) => delete payload.salt],
      ['weir.chain', (payload) => delete (payload.weir as JsonObject).chain],
      ['weir.status', (payload) => delete (payload.weir as JsonObject).status],
      [
        'weir.status.list',
        (payload) => delete ((payload.weir as JsonObject).status as JsonObject).list,
      ],
      ['weir.certificate', (payload) => delete (payload.weir as JsonObject).certificate],
    ]
    for (const [path, change] of needed) {
      try {
        parseCredential(changed(format, change))
        expect.unreachable(path)
      } catch (error) {
        expect(error).toMatchObject({ code: 'credential/missing-claim', detail: { path } })
      }
    }
  })

  const wrong: readonly Json[] = [
    null,
    true,
    '',
    'x',
    [],
    {},
    [1],
    -1,
    2 ** 40,
    '1790000000',
    [[]],
    { a: 1 },
  ]

  /** Each field, how to set it, and the wrong values that happen to be right for it. */
  const places: [string, (payload: JsonObject, value: Json) => void, ...Json[]][] = [
    ['iat', (payload, value) => (payload.iat = value)],
    ['exp', (payload, value) => (payload.exp = value)],
    ['nbf', (payload, value) => (payload.nbf = value)],
    ['iss', (payload, value) => (payload.iss = value)],
    ['sub', (payload, value) => (payload.sub = value), 'x', '1790000000'],
    ['jti', (payload, value) => (payload.jti = value), 'x', '1790000000'],
    ['aud', (payload, value) => (payload.aud = value), 'x', '1790000000'],
    ['salt', (payload, value) => (payload.salt = value)],
    ['weir', (payload, value) => (payload.weir = value)],
    ['weir.chain', (payload, value) => ((payload.weir as JsonObject).chain = value)],
    ['weir.status', (payload, value) => ((payload.weir as JsonObject).status = value)],
    [
      'weir.status.index',
      (payload, value) => (((payload.weir as JsonObject).status as JsonObject).index = value),
    ],
    [
      'weir.certificate',
      (payload, value) => ((payload.weir as JsonObject).certificate = value),
      'x',
      '1790000000',
    ],
    ['weir.replaces', (payload, value) => ((payload.weir as JsonObject).replaces = value)],
    ['weir.other', (payload, value) => ((payload.weir as JsonObject).other = value)],
    ['cnf', (payload, value) => (payload.cnf = value)],
    ['cnf.jwk', (payload, value) => (payload.cnf = { jwk: value })],
    [
      'cnf.jwk.x',
      (payload, value) => (((payload.cnf as JsonObject).jwk as JsonObject).x = value),
      '',
      'x',
      '1790000000',
    ],
    ['cnf.jwk.d', (payload, value) => (((payload.cnf as JsonObject).jwk as JsonObject).d = value)],
  ]
  test.each(places)('B11: %s of each wrong type is refused', (path, set, ...right) => {
    for (const value of wrong) {
      if (right.some((one) => one === value)) continue
      const code = codeOf(() => parseCredential(changed(format, (payload) => set(payload, value))))
      expect(code, `${path} = ${JSON.stringify(value)}`).toMatch(
        /^credential\/(bad-claim|missing-claim|weak-salt|bad-base64url|bad-disclosure)$/,
      )
    }
  })

  test.each(['1.5', '1e9', '-0', '1790000000.0', '1e400'])('B2: iat %s is refused', (number) => {
    const { header, payload } = draftOf(format)
    const text = JSON.stringify(payload).replace('"iat":1790000000', `"iat":${number}`)
    const compact = `${jws(header, text)}${format.includes('sd-jwt') ? '~' : ''}`
    expect(codeOf(() => parseCredential(compact))).toBe('json/unsafe-number')
  })

  test('salts under 16 bytes are refused', () => {
    for (const bytes of [0, 8, 15]) {
      const weak = encodeBase64url(new Uint8Array(bytes).fill(7))
      const code = codeOf(() =>
        parseCredential(changed(format, (payload) => (payload.salt = weak))),
      )
      expect(code).toBe('credential/weak-salt')
    }
  })

  test('the other shape with or without tildes is refused', () => {
    const token = forged(draftOf(format))
    const other = token.endsWith('~') ? token.slice(0, -1) : `${token}~`
    expect(codeOf(() => parseCredential(other))).toBe('credential/wrong-typ')
  })
})

test('A10: other kinds of token are no credentials, with tildes and without', () => {
  const { header, payload } = draftOf('vc+jwt')
  for (const typ of [
    'kb+jwt',
    'vp+jwt',
    'statuslist+jwt',
    'oauth-authz-req+jwt',
    'at+jwt',
    'jwt',
    'dpop+jwt',
  ]) {
    const compact = jws({ ...header, typ }, payload)
    expect(codeOf(() => parseCredential(compact))).toBe('credential/wrong-typ')
    expect(codeOf(() => parseCredential(`${compact}~`))).toBe('credential/wrong-typ')
  }
})

test('A10: the payload of one format under the typ of another is refused', () => {
  for (const one of formats) {
    for (const other of formats) {
      if (one === other) continue
      const { payload } = draftOf(one)
      const { header } = draftOf(other)
      const token = `${jws(header, payload)}${other.includes('sd-jwt') ? '~' : ''}`
      // vc+jwt and vc+sd-jwt carry the same data model.
      const same = one.startsWith('vc+') && other.startsWith('vc+')
      expect(codeOf(() => parseCredential(token)) === 'accepted', `${one} as ${other}`).toBe(same)
    }
  }
})

test('B4: claims named like prototype members stay claims', () => {
  const { header } = draftOf('dc+sd-jwt')
  const payload = JSON.stringify(draftOf('dc+sd-jwt').payload).replace(
    '{',
    '{"__proto__":{"polluted":1},"constructor":2,',
  )
  const read = parseCredential(`${jws(header, payload)}~`)
  expect(Object.keys(read.claims)).toContain('__proto__')
  expect(read.claims.constructor).toBe(2)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
