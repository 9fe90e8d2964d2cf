import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  certificateIdentifier,
  composeELicence,
  parseELicence,
} from '../../src/certificate/identifier.ts'
import type { CertificateType } from '../../src/certificate/model.ts'
import { findType } from '../../src/certificate/types.ts'
import { codeOf } from './refusal.ts'

// Published e-licence identifiers (GB/T 36904), without their root.
const published = [
  '11100000000013338W011.11430000006122244L.20230000403.001.U',
  '11100000000013338W032.11220000013544541J.2430599.001.F',
  '11100000MB03271699022.340100.000000016.001.9',
  '11100000000013338W009.11330105002500287C.2025052201.002.0',
]

test.each(published)('the published identifier %s is read and composed again', (text) => {
  const parts = parseELicence(text)
  expect(composeELicence(parts)).toBe(`1.2.156.3005.2.${text}`)
  expect(parseELicence(`1.2.156.3005.2.${text}`)).toEqual(parts)
})

test('the version of a superseding issue is read as a number', () => {
  expect(parseELicence(published[3]!).version).toBe(2)
})

test.each(published)('one wrong character anywhere in %s is refused', (text) => {
  for (let i = 0; i < text.length; i++)
    for (const other of ['0', '7', 'K', '.', 'a'])
      if (text[i] !== other)
        expect(codeOf(() => parseELicence(text.slice(0, i) + other + text.slice(i + 1)))).toBe(
          'certificate/bad-identifier',
        )
})

test('two neighbours that changed places are refused', () => {
  const text = published[3]!
  for (let i = 0; i + 1 < text.length - 2; i++) {
    const [a, b] = [text[i]!, text[i + 1]!]
    if (a === b || a === '.' || b === '.') continue
    const swapped = text.slice(0, i) + b + a + text.slice(i + 2)
    expect(
      codeOf(() => parseELicence(swapped)),
      swapped,
    ).toBe('certificate/bad-identifier')
  }
})

test('parts of the wrong form compose no identifier', () => {
  const parts = parseELicence(published[0]!)
  for (const wrong of [
    { typeCode: '11100000000013338W01' },
    { issuerCode: 'a' },
    { serial: '' },
    { serial: '12.3' },
    { version: 0 },
    { version: 1000 },
    { version: 1.5 },
  ])
    expect(codeOf(() => composeELicence({ ...parts, ...wrong }))).toBe('certificate/bad-identifier')
})

test('any serial and version come back from their identifier', () => {
  const serial = fc.stringMatching(/^[0-9A-Z]{1,30}$/)
  fc.assert(
    fc.property(serial, fc.integer({ min: 1, max: 999 }), (text, version) => {
      const parts = { ...parseELicence(published[0]!), serial: text, version }
      expect(parseELicence(composeELicence(parts))).toEqual(parts)
    }),
    { numRuns: 300 },
  )
})

test('a title is named by its number, an identity extract by a serial that says nothing', () => {
  const title = findType('real-estate-title')
  const number = '川（2026）都江堰市不动产权第0012345号'
  expect(certificateIdentifier(title, { title_number: number })).toBe(number)
  const identity = findType('resident-identity')
  expect(certificateIdentifier(identity, {}, { serial: '7K3M' })).toBe('RI-7K3M')
  expect(codeOf(() => certificateIdentifier(identity, {}))).toBe('certificate/bad-identifier')
  expect(codeOf(() => certificateIdentifier(identity, {}, { serial: 'a b' }))).toBe(
    'certificate/bad-identifier',
  )
})

test('a type with an e-licence code composes its identifier and asks for the issuer', () => {
  const type: CertificateType = {
    ...findType('business-licence'),
    identifier: { kind: 'e-licence', typeCode: '11100000000013338W009' },
  }
  const assigned = { serial: '2025052201', issuerCode: '11330105002500287C', version: 2 }
  expect(certificateIdentifier(type, {}, assigned)).toBe(`1.2.156.3005.2.${published[3]}`)
  const other = { ...assigned, issuerCode: '11330105002500287D' }
  expect(codeOf(() => certificateIdentifier(type, {}, other))).toBe('certificate/bad-identifier')
  expect(codeOf(() => certificateIdentifier(type, {}, { serial: '1' }))).toBe(
    'certificate/bad-identifier',
  )
})
