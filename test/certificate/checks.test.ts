import { expect, test } from 'vitest'
import { residentNumber } from '../../scripts/samples/numbers.ts'
import { hasCheckDigit, hasForm } from '../../src/certificate/checks.ts'

const isGood = (kind: Parameters<typeof hasForm>[0], value: string) =>
  hasForm(kind, value) && hasCheckDigit(kind, value)

// GB 32100-2015 section 4.5, worked out here by itself: 31 - (sum of weight x value mod 31), 31 is 0.
function creditCode(front: string): string {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  let weight = 1
  let sum = 0
  for (const character of front) {
    sum += alphabet.indexOf(character) * weight
    weight = (weight * 3) % 31
  }
  return front + alphabet[(31 - (sum % 31)) % 31]
}

test('a social credit code is taken with its own check character and with no other, 0 included', () => {
  const ends = new Set<string>()
  for (let row = 0; row < 200; row++) {
    const code = creditCode(`91510181MA${String(row).padStart(7, '0')}`)
    ends.add(code.at(-1)!)
    expect(isGood('socialCreditCode', code), code).toBe(true)
    for (const last of '01AY')
      if (last !== code.at(-1))
        expect(isGood('socialCreditCode', code.slice(0, -1) + last)).toBe(false)
  }
  expect(ends).toContain('0')
})

test('the published example of a social credit code holds, its twins do not', () => {
  expect(isGood('socialCreditCode', '91110000600037341L')).toBe(true)
  for (const twin of [
    '91110000600037341M',
    '91110000600037314L',
    '9111000060003734IL',
    '91110000600037341l',
    ' 91110000600037341L',
    '9111-0000600037341L',
    '91110000600037341',
    '',
  ])
    expect(isGood('socialCreditCode', twin), twin).toBe(false)
})

test('the resident number of the standard holds, its twins do not', () => {
  // GB 11643-1999, annex: 11010519491231002X.
  expect(isGood('residentNumber', '11010519491231002X')).toBe(true)
  for (const twin of [
    '110105194912310021',
    '11010519491231002x',
    '11010519490231002X',
    '110105194912310020',
    '01010519491231002X',
    '110105491231002',
    '11010519491231 002X',
  ])
    expect(isGood('residentNumber', twin), twin).toBe(false)
  expect(isGood('residentNumber', residentNumber('1990-02-28', 1))).toBe(true)
})

test('a real-estate unit number has 28 characters, each from its own set', () => {
  const unit = '510181001001GB00001F00010001'
  expect(unit).toHaveLength(28)
  expect(hasForm('unitNumber', unit)).toBe(true)
  for (const twin of [
    '510181001001AB00001F00010001',
    '510181001001GI00001F00010001',
    '510181001001GB00001A00010001',
    '510181001001GB00001F0001000',
    '510181001001GB00001F000100011',
    '510181001001gB00001F00010001',
  ])
    expect(hasForm('unitNumber', twin), twin).toBe(false)
})

test('title and registration numbers name province, year, county and seven digits', () => {
  expect(hasForm('titleNumber', '川（2026）都江堰市不动产权第0012345号')).toBe(true)
  expect(hasForm('registrationNumber', '川（2026）都江堰市不动产证明第0012345号')).toBe(true)
  for (const twin of [
    '川(2026)都江堰市不动产权第0012345号',
    '州（2026）都江堰市不动产权第0012345号',
    '川（226）都江堰市不动产权第0012345号',
    '川（2026）都江堰市不动产权第012345号',
    '川（2026）不动产权第0012345号',
    '川（2026）都江堰市不动产证明第0012345号',
  ])
    expect(hasForm('titleNumber', twin), twin).toBe(false)
})

test('a region code has six digits, Dujiangyan for one', () => {
  expect(hasForm('regionCode', '510181')).toBe(true)
  expect(hasForm('regionCode', '010181')).toBe(false)
  expect(hasForm('regionCode', '51018')).toBe(false)
})
