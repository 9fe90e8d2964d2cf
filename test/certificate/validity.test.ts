import { expect, test } from 'vitest'
import { findType } from '../../src/certificate/types.ts'
import { validityOf } from '../../src/certificate/validity.ts'
import { codeOf } from './refusal.ts'

const issuedAt = new Date('2026-11-22T08:00:00Z')
const practice = findType('medical-practice-licence')
const degree = findType('degree-certificate')
const until = (valid_until: string, valid_from = '2020-01-01') => ({ valid_from, valid_until })

test('a licence counts to the last second of its last day in Beijing', () => {
  expect(validityOf(practice, until('2031-06-30'), issuedAt)).toEqual({
    from: issuedAt,
    until: new Date('2031-06-30T16:00:00Z'),
  })
})

test('a licence that begins later counts from midnight in Beijing', () => {
  const { from } = validityOf(practice, until('2031-06-30', '2027-01-01'), issuedAt)
  expect(from).toEqual(new Date('2026-12-31T16:00:00Z'))
})

test('nothing counts before it is issued, however old the paper is', () => {
  expect(validityOf(practice, until('2031-06-30'), issuedAt).from).toEqual(issuedAt)
  const wish = { from: new Date('2001-01-01T00:00:00Z') }
  expect(validityOf(degree, {}, issuedAt, wish).from).toEqual(issuedAt)
})

test('a degree never expires, a registry state after ten minutes', () => {
  expect(validityOf(degree, {}, issuedAt).until).toBeUndefined()
  const state = validityOf(findType('registry-state'), {}, issuedAt)
  expect(state.until).toEqual(new Date('2026-11-22T08:10:00Z'))
})

test('a wish narrows the validity and never widens it', () => {
  const late = { until: new Date('2040-01-01T00:00:00Z') }
  const early = { until: new Date('2028-01-01T00:00:00Z') }
  expect(validityOf(practice, until('2031-06-30'), issuedAt, late).until).toEqual(
    new Date('2031-06-30T16:00:00Z'),
  )
  expect(validityOf(practice, until('2031-06-30'), issuedAt, early).until).toEqual(early.until)
})

test('a certificate that would never count is refused', () => {
  expect(codeOf(() => validityOf(practice, until('2026-11-21'), issuedAt))).toBe(
    'certificate/bad-validity',
  )
  expect(codeOf(() => validityOf(practice, until('2028-01-01', '2028-01-02'), issuedAt))).toBe(
    'certificate/bad-validity',
  )
  expect(codeOf(() => validityOf(degree, {}, issuedAt, { until: issuedAt }))).toBe(
    'certificate/bad-validity',
  )
  expect(codeOf(() => validityOf(degree, {}, new Date(Number.NaN)))).toBe(
    'certificate/bad-validity',
  )
})

test('an identity card for life has no end', () => {
  const card = findType('resident-identity')
  expect(validityOf(card, { issuance_date: '2020-01-01' }, issuedAt).until).toBeUndefined()
})
