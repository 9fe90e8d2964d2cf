import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { assembleToken } from '../../src/credential/token.ts'
import { chooseDisclosures } from '../../src/presentation/choose.ts'
import type { ClaimPath } from '../../src/presentation/model.ts'
import { codeOf, draftOf, formats, tokenOf } from '../credential/samples.ts'
import { classOf, held } from './samples.ts'

/** The fields that a verifier sees of what was chosen. */
function shown(credential: ReturnType<typeof held>, consents: readonly ClaimPath[]): JsonObject {
  const disclosures = chooseDisclosures(credential, consents, classOf)
  return parseCredential(assembleToken({ ...credential, disclosures }, credential.signature)).claims
}

const visible = { title_number: '样例(2026)不动产权第0000001号', registry: '样例登记中心' }

describe('dc+sd-jwt', () => {
  const credential = held('dc+sd-jwt')

  test('H6: silence discloses nothing but what is always visible', () => {
    expect(shown(credential, [])).toEqual({ ...visible, uses: [] })
  })

  test('H6: what was consented to is shown, and nothing else', () => {
    expect(shown(credential, [['location']])).toEqual({
      ...visible,
      uses: [],
      location: '样例路1号',
    })
    expect(shown(credential, [['uses', 1]])).toEqual({ ...visible, uses: ['车库'] })
    expect(shown(credential, [['uses', null]])).toEqual({ ...visible, uses: ['住宅', '车库'] })
    expect(shown(credential, [['uses']])).toEqual({ ...visible, uses: ['住宅', '车库'] })
    expect(shown(credential, [['registry']])).toEqual({ ...visible, uses: [] })
  })

  test('H6: a restricted claim needs a consent of its own', () => {
    expect(shown(credential, [['document']])).toEqual({
      ...visible,
      uses: [],
      document: { kind: '111' },
    })
    expect(shown(credential, [['document'], ['document', 'number']])).toEqual({
      ...visible,
      uses: [],
      document: { kind: '111', number: '样例号码' },
    })
  })

  test('H6: a part cannot be shown if that shows more around it', () => {
    expect(codeOf(() => shown(credential, [['document', 'number']]))).toBe(
      'presentation/discloses-more',
    )
    expect(
      shown(credential, [
        ['document', 'number'],
        ['document', 'kind'],
      ]).document,
    ).toEqual({
      kind: '111',
      number: '样例号码',
    })
  })

  test.each([
    [['missing']],
    [['uses', 2]],
    [['uses', 'x']],
    [['location', 'x']],
    [[]],
    [['toString']],
    [['iss']],
    [['salt']],
    [[null]],
  ] as [ClaimPath][])('the path %j leads to no field and is refused', (path) => {
    expect(codeOf(() => shown(credential, [path]))).toBe('presentation/unknown-claim')
  })
})

describe.each(['vc+jwt', 'jwt_vc'] as const)('%s shows everything', (format) => {
  const credential = held(format)
  const all: ClaimPath[] = [
    ['right_holder'],
    ['location'],
    ['uses'],
    ['document'],
    ['document', 'number'],
  ]

  test('H6: with consent to every field it is presented', () => {
    expect(chooseDisclosures(credential, all, classOf)).toEqual([])
    expect(chooseDisclosures(credential, [...all, ['registry']], classOf)).toEqual([])
  })

  test('H6: without consent to one of them it is not, and the field is named', () => {
    for (const [index, path] of all.entries()) {
      const consents = all.filter((_, i) => i !== index)
      try {
        chooseDisclosures(credential, consents, classOf)
        expect.unreachable(path.join())
      } catch (error) {
        expect(error).toMatchObject({ code: 'presentation/discloses-more' })
        expect(
          (error as { detail: { path: string } }).detail.path.startsWith(String(path[0])),
        ).toBe(true)
      }
    }
  })

  test('H6: of an unknown type every field needs consent', () => {
    expect(codeOf(() => chooseDisclosures(credential, all, () => undefined))).toBe(
      'presentation/discloses-more',
    )
    const each = Object.keys(credential.claims).map((name) => [name])
    expect(chooseDisclosures(credential, each, () => undefined)).toEqual([])
  })
})

test('errors name paths, never values', () => {
  try {
    chooseDisclosures(held('vc+jwt'), [], classOf)
    expect.unreachable()
  } catch (error) {
    expect(JSON.stringify(error)).not.toMatch(/样例/)
  }
})

test('H6: for any consent, what is shown is what was consented to', () => {
  const names = ['right_holder', 'location', 'extra', 'group']
  const draft = draftOf('dc+sd-jwt')
  const leaf = fc.constantFrom<Json>('a', 'b', 1, true)
  const group = fc.dictionary(fc.constantFrom('k', 'l', 'm'), leaf, { minKeys: 1 })
  fc.assert(
    fc.property(
      fc.record({
        right_holder: leaf,
        location: leaf,
        extra: fc.array(leaf, { minLength: 1, maxLength: 3 }),
        group,
      }),
      fc.subarray(names),
      fc.subarray(names),
      (fields, concealed, consented) => {
        const base = { ...draft.payload } as JsonObject
        for (const name of ['uses', 'document', 'title_number', 'registry']) delete base[name]
        const inner = Object.keys(fields.group).map((name) => `/group/${name}`)
        const credential = parseCredential(
          tokenOf({
            ...draft,
            payload: { ...base, ...fields },
            disclosable: [...concealed.map((name) => `/${name}`), ...inner],
          }),
        )
        const disclosures = chooseDisclosures(
          credential,
          consented.map((name) => [name]),
          () => undefined,
        )
        const read = parseCredential(
          assembleToken({ ...credential, disclosures }, credential.signature),
        ).claims
        const expected: JsonObject = {}
        for (const [name, value] of Object.entries(fields)) {
          if (consented.includes(name)) expected[name] = value
          else if (!concealed.includes(name)) expected[name] = name === 'group' ? {} : value
        }
        expect(read).toEqual(expected)
      },
    ),
    { numRuns: 200 },
  )
})

test('every format is covered above', () => {
  expect(formats).toEqual(['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'])
  const credential = held('vc+sd-jwt')
  const consent = [['location'], ['uses'], ['document', 'kind']]
  expect(codeOf(() => chooseDisclosures(credential, consent, classOf))).toBe('accepted')
  expect(codeOf(() => chooseDisclosures(credential, [['right_holder']], classOf))).toBe(
    'presentation/discloses-more',
  )
})
