import { describe, expect, test } from 'vitest'
import { random } from '../../scripts/samples/random.ts'
import { sampleRecord, sampleRecords } from '../../scripts/samples/records.ts'
import { checkClaims } from '../../src/certificate/claims.ts'
import type { Field } from '../../src/certificate/model.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { codeOf, refusal } from './refusal.ts'

const title = findType('real-estate-title')
const record = sampleRecord(title.id, 2, 1)

test.each(builtInTypes.map((type) => [type.id, type] as const))(
  '2,000 records of %s pass, unchanged',
  (id, type) => {
    for (const claims of sampleRecords(id, 2000, 7))
      expect(JSON.parse(JSON.stringify(checkClaims(type, claims)))).toEqual(claims)
  },
)

test('claims come back in the order of the type, the record stays as it was', () => {
  const reversed = Object.fromEntries(Object.entries(record).reverse())
  const before = JSON.stringify(reversed)
  const names = Object.keys(checkClaims(title, reversed))
  expect(names).toEqual(title.fields.map(({ name }) => name).filter((name) => name in record))
  expect(JSON.stringify(reversed)).toBe(before)
})

// Forms that no text field takes.
const wrongTexts: Json[] = [
  null,
  true,
  0,
  1.5,
  [],
  {},
  '',
  ' ',
  ' 样本',
  '样本\u3000',
  '样\r本',
  '样\u0000本',
  '样\u202e本',
  '样\ud800本',
  '样本\n',
  '样'.repeat(10_001),
]
const wrongByType: Readonly<Record<Field['type'], Json[]>> = {
  string: wrongTexts,
  number: [...wrongTexts, '1e3', '01', '-1', '+1', '1.', '.5', '1,000', '１２', '1 000', 'NaN'],
  date: [
    ...wrongTexts,
    '2026',
    '2026-1-2',
    '2026/01/02',
    '2026-13-01',
    '2026-00-10',
    '2026-01-32',
    '2026-01-01T00:00:00Z',
    '２０２６-01-01',
    '0026-01-01',
  ],
  'date-time': [
    ...wrongTexts,
    '2026-01-01',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:00+08:00',
    '2026-01-01 00:00:00',
  ],
  list: [null, '内科', [], {}, [''], [null], [['内科']], Array(1001).fill('内科')],
  objects: [null, 'x', {}, [null], ['x'], [[]], Array(1001).fill({})],
}

describe.each(builtInTypes.map((type) => [type.id, type] as const))('in %s', (id, type) => {
  // A row in which every field is filled in.
  const rows = sampleRecords(id, 40, 3)
  const full = rows.reduce((a, b) => (Object.keys(b).length > Object.keys(a).length ? b : a))

  test.each(type.fields.map((field) => [field.name, field] as const))(
    'every wrong form of %s is refused with its path',
    (name, field) => {
      for (const wrong of wrongByType[field.type]) {
        const refused = refusal(() => checkClaims(type, { ...full, [name]: wrong }))
        expect(refused?.code, JSON.stringify(wrong)).toMatch(
          /^certificate\/(wrong-form|missing-claim)$/,
        )
        expect(String(refused?.path).startsWith(name)).toBe(true)
      }
    },
  )

  test.each(type.fields.map(({ name, required }) => [name, required] as const))(
    'a record without %s is refused where it is required (%s)',
    (name, isRequired) => {
      const { [name]: _left, ...rest } = full
      const refused = refusal(() => checkClaims(type, rest))
      expect(refused).toEqual(
        isRequired ? { code: 'certificate/missing-claim', path: name } : undefined,
      )
    },
  )

  test('B4: a claim that the type does not have is refused, prototype names too', () => {
    for (const name of ['more', 'Name', '__proto__', 'constructor', 'toString', '']) {
      const claims = JSON.parse(JSON.stringify(full)) as JsonObject
      Object.defineProperty(claims, name, { value: 'x', enumerable: true })
      expect(codeOf(() => checkClaims(type, claims))).toBe('certificate/unknown-member')
    }
  })

  test('a claim only inherited does not count', () => {
    expect(codeOf(() => checkClaims(type, Object.create(full)))).toBe('certificate/missing-claim')
  })

  test.each([null, [], 'x', 1, true] as Json[])('%j is no record', (claims) => {
    expect(codeOf(() => checkClaims(type, claims))).toBe('certificate/wrong-form')
  })
})

test('a member that may be a misplaced value is not repeated in the error', () => {
  const claims = { ...record, '510181199001010011': 'x' }
  expect(refusal(() => checkClaims(title, claims))?.path).toBe('?')
})

test('I5: no error of a mutated record repeats any of its values', () => {
  const dice = random('errors')
  const type = findType('marriage-certificate')
  for (let i = 0; i < 500; i++) {
    const claims = structuredClone(sampleRecord(type.id, 1 + i, 1))
    const party = dice.pick(claims.parties as JsonObject[])
    const name = dice.pick(Object.keys(party))
    const marker = `秘密${i}\u0001`
    party[name] = marker
    try {
      checkClaims(type, claims)
      expect.unreachable()
    } catch (error) {
      const { code, path, message } = error as { code: string; path: string; message: string }
      const told = JSON.stringify([code, path, message, (error as { detail: unknown }).detail])
      for (const value of [marker, ...Object.values(party)]) expect(told).not.toContain(value)
    }
  }
})

test('days that the calendar does not have are refused', () => {
  for (const day of ['2026-02-29', '2026-04-31', '2100-02-29', '2026-11-31'])
    expect(codeOf(() => checkClaims(title, { ...record, registered_on: day }))).toBe(
      'certificate/no-such-day',
    )
  expect(
    codeOf(() => checkClaims(title, { ...record, registered_on: '2024-02-29' })),
  ).toBeUndefined()
})

test('every single mistyped digit of an identity number is noticed', () => {
  const number = String(record.holder_document_number)
  for (let i = 0; i < 17; i++)
    for (const digit of '0123456789') {
      if (number[i] === digit) continue
      const typed = number.slice(0, i) + digit + number.slice(i + 1)
      const claims = { ...record, holder_document_number: typed }
      expect(
        codeOf(() => checkClaims(title, claims)),
        typed,
      ).toMatch(/^certificate\/(wrong-check-digit|wrong-form)$/)
    }
})

test('the document kind decides which check its number gets', () => {
  const business = {
    holder_document_kind: '统一社会信用代码',
    holder_document_number: '91110000600037341L',
  }
  expect(codeOf(() => checkClaims(title, { ...record, ...business }))).toBeUndefined()
  const passport = { holder_document_kind: '护照', holder_document_number: 'E00000000' }
  expect(codeOf(() => checkClaims(title, { ...record, ...passport }))).toBeUndefined()
  const mixed = { ...business, holder_document_kind: '居民身份证' }
  expect(codeOf(() => checkClaims(title, { ...record, ...mixed }))).toBe('certificate/wrong-form')
  const unknown = { ...passport, holder_document_kind: 'constructor' }
  expect(codeOf(() => checkClaims(title, { ...record, ...unknown }))).toBe('certificate/wrong-form')
})

test('a number that a spreadsheet has mangled is told apart from a mistyped one', () => {
  const of = (number: string) =>
    refusal(() => checkClaims(title, { ...record, holder_document_number: number }))
  const path = 'holder_document_number'
  for (const mangled of ['5.10181E+17', '5E+17', '5.1018119900101e+17', '510181199001010000'])
    expect(of(mangled)).toEqual({ code: 'certificate/mangled-number', path })
  expect(of('999901199001010011')?.code).toBe('certificate/wrong-check-digit')
})

test('a term of 200 characters of any plane is taken, of 201 not', () => {
  for (const character of ['样', '𠮷']) {
    const term = (length: number) => ({ ...record, term: character.repeat(length) })
    expect(codeOf(() => checkClaims(title, term(200)))).toBeUndefined()
    expect(codeOf(() => checkClaims(title, term(201)))).toBe('certificate/wrong-form')
  }
})

test('B3: rare characters, compatibility ideographs and both normal forms stay as they were received', () => {
  for (const name of ['𠮷㛃䶮', '\uf900', 'e\u0301', '\u00e9', '样·本']) {
    const checked = checkClaims(title, { ...record, right_holder: name })
    expect(checked.right_holder).toBe(name)
  }
})

test('B2: numbers are text, and a JSON number in their place is refused', () => {
  for (const area of [89, 89.5, -0, 2 ** 53, Number.POSITIVE_INFINITY])
    expect(codeOf(() => checkClaims(title, { ...record, area }))).toBe('certificate/wrong-form')
  for (const area of ['1e400', '-0', '1.', '0x10', '00', '1234567890123456789'])
    expect(codeOf(() => checkClaims(title, { ...record, area }))).toBe('certificate/wrong-form')
  for (const area of ['0', '89.50', '999999999999999999'])
    expect(checkClaims(title, { ...record, area }).area).toBe(area)
})

test('a party is named by its position where its number is wrong', () => {
  const type = findType('marriage-certificate')
  const claims = structuredClone(sampleRecord(type.id, 1, 1))
  const parties = claims.parties as JsonObject[]
  parties[1]!.identity_number = '110105194912310021'
  expect(refusal(() => checkClaims(type, claims))).toEqual({
    code: 'certificate/wrong-check-digit',
    path: 'parties.1.identity_number',
  })
  expect(codeOf(() => checkClaims(type, { ...claims, parties: [parties[0]!] }))).toBe(
    'certificate/wrong-form',
  )
})
