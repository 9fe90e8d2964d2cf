import { createHash } from 'node:crypto'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { changedTypes, digestsToday } from '../../scripts/docs/digests.ts'
import { random } from '../../scripts/samples/random.ts'
import { sampleRecord, sampleRecords } from '../../scripts/samples/records.ts'
import { checkClaims } from '../../src/certificate/claims.ts'
import pinned from '../../src/certificate/digests.json' with { type: 'json' }
import { typeDocuments } from '../../src/certificate/documents.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { codeOf } from './refusal.ts'

const types = builtInTypes.map((type) => [type.id, type] as const)

test('no published document changes without a new version of its type (else: node scripts/docs.ts)', () => {
  const today = digestsToday()
  expect(changedTypes(pinned, today)).toEqual([])
  expect(Object.keys(pinned)).toEqual(Object.keys(today))
})

test('a change to a label, a class or a length is noticed', () => {
  const today = digestsToday()
  const uri = 'urn:weir:certificate:business-licence:1'
  const changed = { ...today, [uri]: { ...today[uri]!, metadata: 'sha256-other' } }
  expect(changedTypes(pinned, changed)).toEqual([uri])
})

test.each(types)('B10: the integrity of %s is that of the bytes served', (_id, type) => {
  for (const { text, integrity, json } of Object.values(typeDocuments(type))) {
    expect(integrity).toBe(`sha256-${createHash('sha256').update(text).digest('base64')}`)
    expect(JSON.parse(text)).toEqual(json)
  }
  expect(typeDocuments(type)).toBe(typeDocuments(type))
})

test.each(types)(
  'type metadata of %s says of each claim whether it is disclosed by choice',
  (_id, type) => {
    const { vct, claims, display } = typeDocuments(type).metadata.json as {
      vct: string
      claims: { path: Json[]; sd: string; display: { locale: string; label: string }[] }[]
      display: { locale: string; name: string }[]
    }
    expect(vct).toBe(type.uri)
    expect(display.map(({ locale }) => locale)).toEqual(['zh-CN', 'en'])
    for (const field of type.fields) {
      const claim = claims.find(({ path }) => path.length === 1 && path[0] === field.name)!
      expect(claim.sd).toBe(field.disclosure === 'P' ? 'never' : 'always')
      expect(claim.display[0]).toEqual({ locale: 'zh-CN', label: field.labels.zh })
    }
  },
)

test('the identity number of each party is a claim of its own in the metadata', () => {
  const { claims } = typeDocuments(findType('marriage-certificate')).metadata.json
  expect(claims).toContainEqual(
    expect.objectContaining({ path: ['parties', null, 'identity_number'], sd: 'always' }),
  )
})

test.each(types)(
  'the JSON-LD context of %s names every claim once and redefines nothing',
  (_id, type) => {
    const context = typeDocuments(type).context.json['@context'] as JsonObject
    for (const field of type.fields) {
      const term = context[field.name] as JsonObject | string
      const id = typeof term === 'string' ? term : term['@id']
      // VC Data Model 2.0 protects `name`: the same definition is the only one allowed.
      const expected =
        field.name === 'name' ? 'https://schema.org/name' : `${type.uri}#${field.name}`
      expect(id).toBe(expected)
    }
    for (const term of ['id', 'type', 'issuer', 'credentialSubject', 'validFrom', '@vocab'])
      expect(context).not.toHaveProperty(term)
  },
)

describe.each(types)('the JSON Schema of %s', (id, type) => {
  const ajv = new Ajv2020({ strict: true })
  ajv.addSchema(typeDocuments(type).schema.json)
  const isRecord = ajv.getSchema(`${type.uri}#/$defs/record`)!
  const isCredential = ajv.getSchema(type.uri)!

  test('takes what checkClaims takes and refuses what it refuses, check digits apart', () => {
    const dice = random(`schema/${id}`)
    let refused = 0
    for (const claims of sampleRecords(id, 400, 5)) {
      expect(isRecord(claims)).toBe(true)
      const mutated = mutate(claims, dice)
      const code = codeOf(() => checkClaims(type, mutated))
      const isBeyond =
        code === 'certificate/wrong-check-digit' || code === 'certificate/no-such-day'
      if (isBeyond) continue
      if (code !== undefined) refused += 1
      expect(isRecord(mutated), `${code} ${JSON.stringify(mutated)}`).toBe(code === undefined)
    }
    expect(refused).toBeGreaterThan(100)
  })

  test('takes a credential whose subject discloses only what is always visible', () => {
    const claims = sampleRecord(id, 1, 5)
    const visible = Object.fromEntries(
      type.fields
        .filter(
          ({ name, disclosure, type: kind }) =>
            disclosure === 'P' && kind !== 'objects' && name in claims,
        )
        .map(({ name }) => [name, claims[name]!]),
    )
    const objects = type.fields.filter((field) => field.type === 'objects' && field.name in claims)
    for (const { name } of objects) visible[name] = (claims[name] as Json[]).map(() => ({}))
    expect(isCredential({ credentialSubject: { id: 'did:jwk:x', ...visible } })).toBe(true)
    expect(isCredential({ credentialSubject: { ...visible, more: 'x' } })).toBe(false)
    expect(isCredential({})).toBe(false)
  })
})

const wrong: Json[] = [
  null,
  1,
  true,
  [],
  {},
  '',
  ' x',
  '2026-02-30x',
  '5.1E+17',
  'x',
  '样本',
  ['x'],
  '12.50',
  '2026-01-01',
]

function mutate(claims: JsonObject, dice: ReturnType<typeof random>): JsonObject {
  const copy = structuredClone(claims)
  const name = dice.pick(Object.keys(copy))
  const value = copy[name]
  const target =
    Array.isArray(value) && typeof value[0] === 'object' && dice.below(2) === 0
      ? (dice.pick(value) as JsonObject)
      : copy
  const member = target === copy ? name : dice.pick(Object.keys(target))
  const kind = dice.below(4)
  if (kind === 0) delete target[member]
  else if (kind === 1) target[`${member}x`] = 'x'
  else target[member] = dice.pick(wrong)
  return copy
}
