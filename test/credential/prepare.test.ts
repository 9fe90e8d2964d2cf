import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conceal } from '../../src/credential/conceal.ts'
import { fingerprint } from '../../src/credential/fingerprint.ts'
import { parseJson } from '../../src/credential/json.ts'
import { textOf } from '../../src/credential/jws.ts'
import type { CredentialDraft, Json, JsonObject } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { resolveDisclosures } from '../../src/credential/sdjwt.ts'
import { assembleToken } from '../../src/credential/token.ts'
import { codeOf, draftOf, fields, formats, issuerJwk, publicJwk, tokenOf } from './samples.ts'

const payloadOf = (signingInput: string) =>
  JSON.parse(textOf(signingInput.split('.')[1]!)) as Record<string, unknown>

test('a header that changed since the last credential is refused, never signed as it was', () => {
  const draft = draftOf('dc+sd-jwt')
  const header = { ...draft.header }
  expect(prepare({ ...draft, header }).format).toBe('dc+sd-jwt')
  header.kid = `${draft.payload.iss as string}#another`
  expect(codeOf(() => prepare({ ...draft, header }))).toBe('credential/not-as-planned')
  expect(codeOf(() => prepare({ ...draft, header: { ...header } }))).toBe('accepted')
})

describe.each(formats)('%s', (format) => {
  test('what is prepared is what was drafted, and the draft stays as it was', () => {
    const draft = draftOf(format)
    const before = structuredClone(draft)
    const prepared = prepare(draft)
    expect(draft).toEqual(before)
    expect(prepared.fingerprint).toEqual(fingerprint(prepared.signingInput))
    expect(prepared.disclosures).toHaveLength(draft.disclosable.length)
    const read = parseCredential(assembleToken(prepared, new Uint8Array(64)))
    expect(read.payload).toEqual(draft.payload)
    expect(read.header).toEqual(draft.header)
  })

  const spoilt: [string, unknown, string][] = [
    ['undefined', undefined, 'credential/not-as-planned'],
    ['NaN', Number.NaN, 'credential/not-as-planned'],
    ['-0', -0, 'credential/not-as-planned'],
    ['a date', new Date(0), 'credential/not-as-planned'],
    ['a function', () => 1, 'credential/not-as-planned'],
    ['an object that writes itself otherwise', { toJSON: () => 'x' }, 'credential/not-as-planned'],
    ['a fraction', 1.5, 'json/unsafe-number'],
    ['a number above 2^53', 2 ** 60, 'json/unsafe-number'],
    ['a lone surrogate', '\ud800', 'json/ill-formed-text'],
    ['a digest list', { _sd: ['x'] }, ''],
    ['a hidden element', [{ '...': 'x' }], ''],
  ]
  test.each(spoilt)('%s among the claims is refused before it is signed', (_, value, code) => {
    const draft = structuredClone(draftOf(format))
    const subject = (draft.payload.credentialSubject ??
      (draft.payload.vc as JsonObject | undefined)?.credentialSubject ??
      draft.payload) as Record<string, unknown>
    subject.extra = value
    // The JWT formats have no disclosures: there these names are claims like others.
    const plain = code === '' && !format.includes('sd-jwt')
    const expected = plain
      ? 'accepted'
      : code || expect.stringMatching(/not-as-planned|bad-disclosure/)
    expect(codeOf(() => prepare(draft))).toEqual(expected)
  })

  test('weak salts, wrong typ, other algorithms and foreign members are refused', () => {
    const prepared = (change: (draft: { header: JsonObject; payload: JsonObject }) => unknown) => {
      const draft = structuredClone(draftOf(format))
      change(draft)
      return codeOf(() => prepare(draft))
    }
    expect(prepared(({ payload }) => (payload.salt = 'AAECAwQFBgcICQoLDA0'))).toBe(
      'credential/weak-salt',
    )
    expect(prepared(({ payload }) => delete payload.salt)).toBe('credential/missing-claim')
    expect(prepared(({ payload }) => delete payload.weir)).toBe('credential/missing-claim')
    expect(prepared(({ header }) => (header.typ = 'kb+jwt'))).toBe('credential/wrong-typ')
    expect(prepared(({ header }) => (header.alg = 'none'))).toBe('credential/alg-not-allowed')
    expect(prepared(({ header }) => (header.jwk = publicJwk(issuerJwk)))).toBe(
      'credential/header-not-allowed',
    )
    expect(prepared(({ payload }) => ((payload.weir as JsonObject).note = 1))).toBe(
      'credential/bad-claim',
    )
  })
})

test('a draft of one format under the header of another is refused', () => {
  const draft = { ...draftOf('vc+jwt'), header: draftOf('jwt_vc').header }
  expect(codeOf(() => prepare(draft))).toBe('credential/missing-claim')
  const other = { ...draftOf('dc+sd-jwt'), format: 'vc+sd-jwt' as const }
  expect(codeOf(() => prepare(other))).toMatch(/^credential\//)
})

describe('disclosures', () => {
  const draft = draftOf('dc+sd-jwt')

  test('nothing concealed is left in the signed payload, at any depth', () => {
    const prepared = prepare(draft)
    const signed = JSON.stringify(payloadOf(prepared.signingInput))
    for (const hidden of [
      '样例甲',
      '样例路1号',
      '住宅',
      '车库',
      '样例号码',
      'right_holder',
      'document',
    ]) {
      expect(signed).not.toContain(hidden)
    }
    for (const visible of ['样例登记中心', 'title_number']) expect(signed).toContain(visible)
    const inner = prepared.disclosures.map(textOf).filter((text) => text.includes('document'))
    expect(inner.join()).not.toContain('样例号码')
  })

  test('every salt has 128 bits and is new; digests are sorted; _sd_alg is stated', () => {
    const salts = new Set<string>()
    for (let i = 0; i < 50; i++) {
      const { disclosures, signingInput } = prepare(draft)
      for (const encoded of disclosures) {
        const [salt] = parseJson(textOf(encoded)) as [string]
        expect(Buffer.from(salt, 'base64url')).toHaveLength(16)
        salts.add(salt)
      }
      const signed = payloadOf(signingInput)
      expect(signed._sd).toEqual([...(signed._sd as string[])].sort())
      expect(signed._sd_alg).toBe('sha-256')
    }
    expect(salts.size).toBe(50 * draft.disclosable.length)
  })

  test('_sd_alg may stand in the draft, under its one value', () => {
    const stated = (value: Json) => ({ ...draft, payload: { ...draft.payload, _sd_alg: value } })
    expect(codeOf(() => prepare(stated('sha-256')))).toBe('accepted')
    expect(codeOf(() => prepare(stated('sha-512')))).toBe('credential/not-as-planned')
  })

  test.each([
    '/missing',
    '/uses/2',
    '/uses/-',
    '/uses/01',
    '/uses/length',
    '/document/number/x',
    '/toString',
    '/__proto__',
    'right_holder',
    '',
    '/',
  ])('the pointer %j names nothing and is refused', (pointer) => {
    const bad = { ...draft, disclosable: [pointer] }
    expect(codeOf(() => prepare(bad))).toBe('credential/bad-disclosure')
  })

  test('a pointer twice, a protected claim or a JWT format is refused', () => {
    const refused = (one: CredentialDraft) =>
      expect(codeOf(() => prepare(one))).toBe('credential/bad-disclosure')
    refused({ ...draft, disclosable: ['/location', '/location'] })
    for (const name of ['iss', 'iat', 'vct', 'cnf', 'salt', 'weir', 'weir/status', 'cnf/jwk']) {
      refused({ ...draft, disclosable: [`/${name}`] })
    }
    refused({ ...draftOf('vc+jwt'), disclosable: ['/credentialSubject/location'] })
    refused({ ...draftOf('vc+sd-jwt'), disclosable: ['/credentialSchema'] })
  })

  test('pointers escape ~ and / as RFC 6901 says', () => {
    const { visible, disclosures } = conceal({ 'a/b': 1, 'm~n': 2, 'x~1': 3 }, [
      '/a~1b',
      '/m~0n',
      '/x~01',
    ])
    expect(Object.keys(visible)).toEqual(['_sd'])
    expect(disclosures).toHaveLength(3)
  })
})

test('any payload with any choice of concealed parts reads back as it was', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger().map((n) => n || 0),
    fc.boolean(),
    fc.constant(null),
  )
  const name = fc.stringMatching(/^[a-z~/]{1,4}$/)
  const value = fc.letrec<{ node: Json }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf as fc.Arbitrary<Json>,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(name, tie('node'), { maxKeys: 3 }),
    ),
  })).node
  const pointers = (json: Json, at: string): string[] => {
    if (typeof json !== 'object' || json === null) return []
    return Object.entries(json).flatMap(([part, inside]) => {
      const pointer = `${at}/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`
      return [pointer, ...pointers(inside, pointer)]
    })
  }
  fc.assert(
    fc.property(
      fc.dictionary(name, value, { maxKeys: 4 }),
      fc.infiniteStream(fc.boolean()),
      (payload, coin) => {
        const chosen = pointers(payload, '').filter(() => coin.next().value)
        const { visible, disclosures } = conceal(payload, chosen)
        const read = resolveDisclosures(
          JSON.parse(JSON.stringify(visible)),
          disclosures,
          () => true,
        )
        expect(read.payload).toEqual(payload)
        expect(read.disclosures).toHaveLength(chosen.length)
        const none = resolveDisclosures(JSON.parse(JSON.stringify(visible)), [], () => true)
        expect(
          pointers(none.payload, '').every(
            (pointer) => !chosen.includes(pointer) || /\/\d/.test(pointer),
          ),
        ).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

test('claims of any text survive every format', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(...formats),
      (text, format) => {
        fc.pre(text !== '')
        const draft = structuredClone(draftOf(format))
        const subject = (draft.payload.credentialSubject ??
          (draft.payload.vc as JsonObject | undefined)?.credentialSubject ??
          draft.payload) as JsonObject
        subject.right_holder = text
        const read = parseCredential(tokenOf(draft))
        expect(read.claims).toEqual({ ...fields(), right_holder: text })
      },
    ),
    { numRuns: 100 },
  )
})
