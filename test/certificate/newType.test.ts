import { expect, test } from 'vitest'
import { checkClaims } from '../../src/certificate/claims.ts'
import { displayed } from '../../src/certificate/display.ts'
import { typeDocuments } from '../../src/certificate/documents.ts'
import { drafts } from '../../src/certificate/draft.ts'
import { certificateIdentifier } from '../../src/certificate/identifier.ts'
import { readType } from '../../src/certificate/readType.ts'
import { findType } from '../../src/certificate/types.ts'
import { parseJson } from '../../src/credential/json.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { assembleToken } from '../../src/credential/token.ts'
import { codeOf } from './refusal.ts'
import { draftRequest } from './request.ts'

// As a department would write it in a file of its own.
const definition = `{
  "id": "fishing-permit",
  "version": 1,
  "uri": "urn:weir:certificate:fishing-permit:1",
  "names": { "zh": "捕捞许可证", "en": "Fishing permit" },
  "identifier": { "kind": "field", "field": "permit_number" },
  "validity": { "kind": "fields", "until": "last_day" },
  "fields": [
    { "name": "permit_number", "labels": { "zh": "许可证编号", "en": "Permit number" },
      "type": "string", "disclosure": "P", "required": true, "pattern": "^F[0-9]{4}$" },
    { "name": "boat", "labels": { "zh": "船名", "en": "Boat" },
      "type": "string", "disclosure": "S", "required": true, "maxLength": 40 },
    { "name": "last_day", "labels": { "zh": "有效期至", "en": "Last day" },
      "type": "date", "disclosure": "P", "required": true }
  ],
  "layout": [
    { "labels": { "zh": "许可", "en": "Permit" }, "fields": ["permit_number", "boat", "last_day"] }
  ]
}`

test('a certificate type that nobody has seen before is issued from its data alone', () => {
  const type = readType(parseJson(definition))
  expect(findType('fishing-permit', [type])).toBe(type)
  const claims = checkClaims(type, {
    permit_number: 'F0001',
    boat: '样本1号',
    last_day: '2027-01-31',
  })
  expect(certificateIdentifier(type, claims)).toBe('F0001')
  expect(codeOf(() => checkClaims(type, { ...claims, permit_number: 'F1' }))).toBe(
    'certificate/wrong-form',
  )
  const [draft] = drafts(type, { ...draftRequest('business-licence', ['dc+sd-jwt']), claims })
  expect(draft!.payload['vct#integrity']).toBe(typeDocuments(type).metadata.integrity)
  const token = assembleToken(prepare(draft!), new Uint8Array(64).fill(1))
  const read = parseCredential(token)
  expect(read.certificateType).toBe(type.uri)
  expect(read.validUntil).toEqual(new Date('2027-01-31T16:00:00Z'))
  expect(displayed(type, read.claims, 'zh')[0]!.lines.map(({ value }) => value)).toEqual([
    'F0001',
    '样本1号',
    '2027年1月31日',
  ])
})
