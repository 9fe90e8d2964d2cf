import { expect, test } from 'vitest'
import { readType } from '../../src/certificate/readType.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import type { Json } from '../../src/credential/model.ts'
import { codeOf, refusal } from './refusal.ts'

// biome-ignore lint/suspicious/noExplicitAny: each test breaks its copy in another place
type Draft = any

function broken(change: (type: Draft) => void, id = 'real-estate-title'): Json {
  const copy = structuredClone(findType(id)) as Draft
  change(copy)
  return copy
}

test('all nine certificate types of the domain are there, the eighth in two, and the registry state', () => {
  expect(builtInTypes.map(({ id }) => id)).toEqual([
    'real-estate-title',
    'real-estate-registration',
    'business-licence',
    'medical-practice-licence',
    'marriage-certificate',
    'degree-certificate',
    'retirement-certificate',
    'resident-identity',
    'household-extract',
    'deed-tax-certificate',
    'registry-state',
  ])
  for (const { id, version, uri } of builtInTypes)
    expect(uri).toBe(`urn:weir:certificate:${id}:${version}`)
})

test('a type is found by id (its newest version) and by URI, an unknown one is refused', () => {
  const old = findType('business-licence')
  const newer = readType(
    broken((type) => {
      type.version = 2
      type.uri = 'urn:weir:certificate:business-licence:2'
    }, 'business-licence'),
  )
  const types = [newer, old]
  expect(findType('business-licence', types)).toBe(newer)
  expect(findType(old.uri, types)).toBe(old)
  expect(codeOf(() => findType('toString'))).toBe('certificate/unknown-type')
  expect(codeOf(() => findType(''))).toBe('certificate/unknown-type')
})

test('a type is frozen through and through', () => {
  const type = findType('marriage-certificate') as Draft
  expect(() => {
    type.fields[3].fields[4].disclosure = 'P'
  }).toThrow(TypeError)
})

test('numbers of persons are restricted in every type, and identifiers show none of them', () => {
  for (const type of builtInTypes)
    for (const field of type.fields.flatMap((one) => [one, ...(one.fields ?? [])])) {
      if (field.check === 'residentNumber') expect(field.disclosure).toBe('R')
      if (field.name === 'birth_date') expect(field.disclosure).toBe('R')
    }
})

const malformed: [string, (type: Draft) => void, string][] = [
  ['an unknown member', (type) => (type.color = 'red'), 'type'],
  ['no version', (type) => delete type.version, 'type.version'],
  ['version 0', (type) => (type.version = 0), 'version'],
  ['another URI', (type) => (type.uri = 'urn:weir:certificate:other:1'), 'uri'],
  ['an id with capitals', (type) => (type.id = 'Title'), 'id'],
  ['a label in one language', (type) => delete type.fields[0].labels.zh, 'fields.0.labels.zh'],
  ['an empty name', (type) => (type.names.en = ''), 'names.en'],
  ['no fields', (type) => (type.fields = []), 'fields'],
  [
    'a class that does not exist',
    (type) => (type.fields[1].disclosure = 'X'),
    'fields.1.disclosure',
  ],
  [
    'a field type that does not exist',
    (type) => (type.fields[1].type = 'toString'),
    'fields.1.type',
  ],
  ['a check that does not exist', (type) => (type.fields[0].check = 'iban'), 'fields.0.check'],
  ['required as a word', (type) => (type.fields[1].required = 'yes'), 'fields.1.required'],
  ['a length for a date', (type) => (type.fields[15].maxLength = 10), 'fields.15.maxLength'],
  ['items of a string', (type) => (type.fields[1].maxItems = 2), 'fields.1.maxItems'],
  ['fields inside a string', (type) => (type.fields[1].fields = []), 'fields.1.fields'],
  ['a rule for validity unknown', (type) => (type.validity = { kind: 'some' }), 'validity.kind'],
  ['seconds beside none', (type) => (type.validity.seconds = 5), 'validity'],
  ['an identifier of two kinds', (type) => (type.identifier.prefix = 'AB'), 'identifier'],
]
test.each(malformed)('a type with %s is refused', (_what, change, path) => {
  expect(refusal(() => readType(broken(change)))).toEqual({ code: 'type/malformed', path })
})

test.each([null, [], 'type', 1, {}] as Json[])('%j is no type', (json) => {
  expect(codeOf(() => readType(json))).toBe('type/malformed')
})

test.each(['iss', 'status', 'salt', 'weir', 'id', 'constructor', 'cnf', 'title_number'])(
  'a second or reserved claim name %s is refused',
  (name) => {
    const json = broken((type) => (type.fields[1].name = name))
    expect(refusal(() => readType(json))).toEqual({ code: 'type/bad-name', path: 'fields.1.name' })
  },
)

test.each(['_sd', '...', 'Title', '__proto__', 'title number', ''])(
  'the claim name %j is malformed',
  (name) => {
    const json = broken((type) => (type.fields[1].name = name))
    expect(codeOf(() => readType(json))).toBe('type/malformed')
  },
)

test('two fields with the same label are refused, for no column could be told from the other', () => {
  const json = broken((type) => (type.fields[1].labels.zh = type.fields[0].labels.zh))
  expect(codeOf(() => readType(json))).toBe('type/bad-name')
})

test.each(['^(a+)+$', '^([0-9]*)*$', '^(a{2,})+$', '^[$', '^(?<a>b$'])(
  'the pattern %s is refused',
  (pattern) => {
    const json = broken((type) => (type.fields[1].pattern = pattern))
    expect(codeOf(() => readType(json))).toBe('type/bad-pattern')
  },
)

test('a pattern that is not anchored is refused', () => {
  for (const pattern of ['[0-9]+', '^[0-9]+', '[0-9]+$'])
    expect(codeOf(() => readType(broken((type) => (type.fields[1].pattern = pattern))))).toBe(
      'type/malformed',
    )
})

const references: [string, (type: Draft) => void, string][] = [
  [
    'an identifier that is not always visible',
    (type) => (type.identifier.field = 'right_holder'),
    'identifier.field',
  ],
  [
    'an identifier that does not exist',
    (type) => (type.identifier.field = 'nothing'),
    'identifier.field',
  ],
  [
    'an end that is no date',
    (type) => (type.validity = { kind: 'fields', until: 'term' }),
    'validity.until',
  ],
  [
    'a holder code that does not exist',
    (type) => (type.holderCode.path = 'holder.number'),
    'holderCode.path',
  ],
  [
    'a check by a field without codes',
    (type) => (type.fields[3].checkBy.field = 'term'),
    'fields.3.checkBy',
  ],
]
test.each(references)('a type that names %s is refused', (_what, change, path) => {
  expect(refusal(() => readType(broken(change)))).toEqual({ code: 'type/bad-reference', path })
})

test('a layout shows every field once', () => {
  const missing = broken((type) => type.layout[0].fields.pop())
  const twice = broken((type) => type.layout[0].fields.push('location'))
  const unknown = broken((type) => (type.layout[0].fields[0] = 'nothing'))
  for (const json of [missing, twice, unknown])
    expect(codeOf(() => readType(json))).toBe('type/bad-layout')
})

test('objects inside objects, and objects that hide as a whole, are refused', () => {
  const nested = broken((type) => (type.fields[4].fields[0] = type.fields[4]), 'registry-state')
  const hidden = broken((type) => (type.fields[3].disclosure = 'S'), 'marriage-certificate')
  for (const json of [nested, hidden]) expect(codeOf(() => readType(json))).toBe('type/malformed')
})
