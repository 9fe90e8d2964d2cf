import { expect, test } from 'vitest'
import { sampleRecord } from '../../scripts/samples/records.ts'
import { storyRecords } from '../../scripts/samples/story.ts'
import { displayed, displayedDay } from '../../src/certificate/display.ts'
import { holderCodes } from '../../src/certificate/holderCodes.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import type { JsonObject } from '../../src/credential/model.ts'

const marriage = findType('marriage-certificate')

test('every claim of every type is shown once, in the order of its layout and in both languages', () => {
  for (const type of builtInTypes)
    for (const language of ['zh', 'en'] as const) {
      const claims = sampleRecord(type.id, 1, 1)
      const sections = displayed(type, claims, language)
      const labels = sections.flatMap(({ lines }) => lines.map(({ label }) => label))
      expect(new Set(labels).size).toBe(labels.length)
      for (const field of type.fields)
        if (field.name in claims && field.type !== 'objects')
          expect(labels).toContain(field.labels[language])
    }
})

test('each party of a marriage has its own lines, with the class of each', () => {
  const claims = sampleRecord(marriage.id, 1, 1)
  const [parties] = displayed(marriage, claims, 'zh')
  expect(parties!.title).toBe('当事人')
  expect(parties!.lines).toHaveLength(10)
  expect(parties!.lines[9]).toMatchObject({ label: '当事人 2 · 身份证件号', disclosure: 'R' })
})

test('what is not disclosed, or has another shape, is left out', () => {
  const claims: JsonObject = {
    parties: [{}, null, { name: 5 }],
    registered_on: '2026-11-22',
    more: 'x',
  }
  expect(displayed(marriage, claims, 'en')).toEqual([
    {
      title: 'Registration',
      lines: [{ label: 'Registered on', value: '22 Nov 2026', disclosure: 'P' }],
    },
  ])
  expect(displayed(marriage, {}, 'en')).toEqual([])
})

test('a day is written the way of each language', () => {
  expect(displayedDay('2026-01-02', 'zh')).toBe('2026年1月2日')
  expect(displayedDay('2026-01-02', 'en')).toBe('2 Jan 2026')
  expect(displayedDay('2026-13-02', 'en')).toBe('2026-13-02')
  expect(displayedDay('soon', 'zh')).toBe('soon')
})

test("the clinic's title and licence name the same holder, the transferred title another", () => {
  const { title, businessLicence, transferredTitle } = storyRecords(1)
  const codes = holderCodes(findType('real-estate-title'), title)
  expect(codes).toEqual(holderCodes(findType('business-licence'), businessLicence))
  expect(holderCodes(findType('real-estate-title'), transferredTitle)).not.toEqual(codes)
})

test('a marriage has two holders, a degree names none, an undisclosed number nobody', () => {
  const claims = sampleRecord(marriage.id, 1, 1)
  expect(holderCodes(marriage, claims)).toHaveLength(2)
  expect(holderCodes(marriage, { parties: [{}, { name: 'x' }] })).toEqual([])
  expect(holderCodes(marriage, { parties: 'x' })).toEqual([])
  expect(holderCodes(findType('degree-certificate'), { name: 'x' })).toEqual([])
  expect(holderCodes(findType('real-estate-title'), {})).toEqual([])
})
