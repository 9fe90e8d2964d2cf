import { expect, test } from 'vitest'
import { claimPath } from '../../src/cli/claimPath.ts'
import { moment, oneOf, pastMoment, wholeNumber } from '../../src/cli/options.ts'
import { printable } from '../../src/cli/output.ts'
import { inputFormat } from '../../src/cli/recordInput.ts'
import { refusal } from '../support/refusal.ts'

test('a day means its end in UTC, a time means itself', () => {
  expect(moment('2026-11-22', '--at').toISOString()).toBe('2026-11-22T23:59:59.999Z')
  expect(moment('2026-11-22T08:00:00+08:00', '--at').toISOString()).toBe('2026-11-22T00:00:00.000Z')
})

test.each(['', '22.11.2026', '2026-02-30', '2026-13-01', '2026-11-22T25:00Z', '1700000000'])(
  'a date that is none is refused: %s',
  (text) => {
    expect(refusal(() => moment(text, '--at'))).toBe('cli/bad-option')
  },
)

test('the future cannot be judged, but today as a day is now', () => {
  const now = new Date('2026-11-22T08:00:00Z')
  expect(pastMoment('2026-11-22', '--at', now)).toEqual(now)
  expect(pastMoment('2026-11-21', '--at', now) < now).toBe(true)
  expect(refusal(() => pastMoment('2026-11-23', '--at', now))).toBe('cli/bad-option')
  expect(refusal(() => pastMoment('2026-11-22T08:00:01Z', '--at', now))).toBe('cli/bad-option')
})

test.each(['-1', '1.5', '1e3', '', '0x10', '9999999999'])('no whole number: %s', (text) => {
  expect(refusal(() => wholeNumber(text, '--every'))).toBe('cli/bad-option')
})

test('a word is one of those named, also when it is the name of something inherited', () => {
  expect(oneOf('issue', ['issue', 'accredit'], '--right')).toBe('issue')
  expect(refusal(() => oneOf('constructor', ['issue', 'accredit'], '--right'))).toBe(
    'cli/bad-option',
  )
})

test('a claim path has names, positions and every element; nothing empty', () => {
  expect(claimPath('parties.0.name')).toEqual(['parties', 0, 'name'])
  expect(claimPath('parties.*.name')).toEqual(['parties', null, 'name'])
  expect(refusal(() => claimPath('parties..name'))).toBe('cli/bad-option')
  expect(refusal(() => claimPath(''))).toBe('cli/bad-option')
})

test('the form of records is told, or known by the file name, never guessed from its content', () => {
  expect(inputFormat('a.CSV', undefined)).toBe('csv')
  expect(inputFormat('a.ndjson', undefined)).toBe('jsonl')
  expect(inputFormat(undefined, undefined)).toBe('jsonl')
  expect(inputFormat('a.txt', 'one')).toBe('one')
  expect(refusal(() => inputFormat('a.xlsx', undefined))).toBe('cli/bad-option')
})

test('text from outside cannot move the cursor, write escape sequences or turn the direction', () => {
  expect(printable('a\u001b[2Jb\rc\u0007d\u202ee\u0000')).toBe('a�[2Jb�c�d�e�')
  expect(printable('不动产 权证\n第二行')).toBe('不动产 权证\n第二行')
})
