import { describe, expect, test } from 'vitest'
import type { Format, Json, JsonObject } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { changed, codeOf, did, disclosure, kid, titleType } from './samples.ts'

describe('dc+sd-jwt with x5c', () => {
  const withCertificate = (change: (payload: JsonObject, header: JsonObject) => void = () => {}) =>
    changed('dc+sd-jwt', (payload, header) => {
      delete payload.iss
      delete header.kid
      header.x5c = ['MAA=']
      change(payload, header)
    })

  test('the issuer is left to the certificate', () => {
    const read = parseCredential(withCertificate())
    expect(read).toMatchObject({ issuer: undefined, kid: undefined, x5c: [Uint8Array.of(0x30, 0)] })
  })

  test('A5: the two forms are never mixed', () => {
    expect(codeOf(() => parseCredential(withCertificate((payload) => (payload.iss = did))))).toBe(
      'credential/bad-claim',
    )
    expect(codeOf(() => parseCredential(withCertificate((_, header) => (header.kid = kid))))).toBe(
      'credential/header-not-allowed',
    )
    expect(codeOf(() => parseCredential(withCertificate((_, header) => delete header.x5c)))).toBe(
      'credential/missing-claim',
    )
    expect(
      codeOf(() => parseCredential(changed('dc+sd-jwt', (_, header) => delete header.kid))),
    ).toBe('credential/missing-claim')
  })

  test('A5: x5c belongs to no other format', () => {
    for (const format of ['vc+jwt', 'vc+sd-jwt', 'jwt_vc'] as const) {
      const token = changed(format, (_, header) => (header.x5c = ['MAA=']))
      expect(codeOf(() => parseCredential(token))).toBe('credential/header-not-allowed')
    }
  })

  test('H6: what says who and when cannot be withheld or slipped in', () => {
    for (const name of [
      'iss',
      'iat',
      'exp',
      'nbf',
      'cnf',
      'vct',
      'status',
      'salt',
      'weir',
      'aud',
      'sub',
    ]) {
      const slipped = disclosure('c2FsdHNhbHRzYWx0c2FsdA', name, 1)
      const token = changed('dc+sd-jwt', (payload) => {
        delete payload[name]
        payload._sd = [slipped.digest]
      })
      expect(
        codeOf(() => parseCredential(`${token}${slipped.encoded}~`)),
        name,
      ).toBe('credential/bad-disclosure')
    }
  })

  test('B11: status of another shape is refused', () => {
    for (const status of [
      1,
      [],
      { status_list: 1 },
      { status_list: {} },
      { status_list: { idx: '1', uri: 'x' } },
      { status_list: { idx: 1, uri: 1 } },
      { status_list: { idx: -1, uri: 'x' } },
    ]) {
      const code = codeOf(() =>
        parseCredential(changed('dc+sd-jwt', (payload) => (payload.status = status as Json))),
      )
      expect(code, JSON.stringify(status)).toMatch(/^credential\/(bad|missing)-claim$/)
    }
    const good = { status_list: { idx: 1, uri: 'https://example.com/list' } }
    expect(
      codeOf(() => parseCredential(changed('dc+sd-jwt', (payload) => (payload.status = good)))),
    ).toBe('accepted')
  })
})

describe('Verifiable Credentials', () => {
  const code = (
    change: (payload: JsonObject, header: JsonObject) => void,
    format: Format = 'vc+jwt',
  ) => codeOf(() => parseCredential(changed(format, change)))

  test('A6: issuer and iss are one', () => {
    expect(code((payload) => (payload.issuer = `${did}0`))).toBe('credential/bad-claim')
    expect(code((payload) => (payload.issuer = { id: `${did}0` }))).toBe('credential/bad-claim')
    expect(code((payload) => (payload.issuer = { id: did, name: '样例' }))).toBe('accepted')
    expect(code((payload) => delete payload.issuer)).toBe('credential/missing-claim')
    expect(code((payload) => ((payload.vc as JsonObject).issuer = `${did}0`), 'jwt_vc')).toBe(
      'credential/bad-claim',
    )
  })

  test('B10: the base context comes first, and contexts are names only', () => {
    const v2 = 'https://www.w3.org/ns/credentials/v2'
    for (const context of [
      v2,
      [],
      [1],
      ['https://127.0.0.1/evil', v2],
      [v2, { '@vocab': 'x' }],
      {},
      [[v2]],
      [`${v2}#`],
    ]) {
      expect(
        code((payload) => (payload['@context'] = context as Json)),
        JSON.stringify(context),
      ).toBe('credential/bad-claim')
    }
  })

  test('B11: type, subject, schema, status and dates of another form are refused', () => {
    const bad: [string, Json][] = [
      ['type', 'RealEstateTitle'],
      ['type', []],
      ['type', [1]],
      ['type', { 0: 'VerifiableCredential' }],
      ['credentialSubject', []],
      ['credentialSubject', 'x'],
      ['credentialSubject', [{ id: 'x' }]],
      ['credentialSubject', { id: 1 }],
      ['credentialSchema', 'x'],
      ['credentialSchema', { id: titleType }],
      ['credentialSchema', { id: 1, type: 'JsonSchema' }],
      ['credentialStatus', 'x'],
      ['credentialStatus', [{}]],
      ['validFrom', 1],
      ['validFrom', '2026-09-21'],
      ['validFrom', '2026-09-21T13:33:20'],
      ['validFrom', '2026-02-30T00:00:00Z'],
      ['validFrom', '2026-13-01T00:00:00Z'],
      ['validFrom', '2026-00-01T00:00:00Z'],
      ['validFrom', '2026-01-00T00:00:00Z'],
      ['validFrom', '2026-01-01T24:00:00Z'],
      ['validFrom', ' 2026-01-01T00:00:00Z'],
      ['validUntil', '2026-01-01T00:00:00+15:00'],
      ['validUntil', 'tomorrow'],
      ['validUntil', null],
    ]
    for (const [name, value] of bad) {
      expect(
        code((payload) => (payload[name] = value)),
        `${name} ${JSON.stringify(value)}`,
      ).toMatch(/^credential\/(bad|missing)-claim$/)
    }
    expect(code((payload) => (payload.vc = {}))).toBe('credential/bad-claim')
    expect(code((payload) => delete payload.vc, 'jwt_vc')).toBe('credential/missing-claim')
    expect(code((payload) => delete payload.nbf, 'jwt_vc')).toBe('credential/missing-claim')
  })

  test('of two beginnings the later, of two ends the earlier counts', () => {
    const read = parseCredential(
      changed('vc+jwt', (payload) => {
        payload.validFrom = '2026-01-01T00:00:00+08:00'
        payload.nbf = 1_700_000_000
        payload.validUntil = '2030-01-01T00:00:00Z'
        payload.exp = 1_800_000_000
      }),
    )
    expect(read.validFrom).toEqual(new Date('2025-12-31T16:00:00Z'))
    expect(read.validUntil).toEqual(new Date(1_800_000_000_000))
  })

  test('a credential of a foreign type has no certificate type', () => {
    const read = parseCredential(
      changed(
        'vc+jwt',
        (payload) =>
          (payload.credentialSchema = { id: 'https://example.com/schema', type: 'JsonSchema' }),
      ),
    )
    expect(read.certificateType).toBeUndefined()
  })
})
