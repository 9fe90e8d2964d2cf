import { hasCheckDigit } from '../../src/certificate/checks.ts'
import type { Random } from './random.ts'

// No region has this code, so no sample number can belong to a person or a business.
const nowhere = '999901'
// What a check character may be; 0 last, because telling that it fits takes longest.
const lasts = { residentNumber: '123456789X0', socialCreditCode: '123456789ABCDEFGHJKLMNPQRTUWXY0' }

/** Row number with leading zeros. */
export function padded(row: number, digits: number): string {
  return String(row).padStart(digits, '0')
}

/** `YYYY-MM-DD` between two years, both included; days 1 to 28. */
export function day(random: Random, from: number, to: number): string {
  const year = from + random.below(to - from + 1)
  return `${year}-${padded(1 + random.below(12), 2)}-${padded(1 + random.below(28), 2)}`
}

/** A resident identity number with its check digit, of a region that does not exist. */
export function residentNumber(birthDate: string, order: number): string {
  return completed(
    'residentNumber',
    `${nowhere}${birthDate.replaceAll('-', '')}${padded(order, 3)}`,
  )
}

/** A unified social credit code with its check digit, of a region that does not exist. */
export function socialCreditCode(row: number): string {
  return completed('socialCreditCode', `91${nowhere}MA${padded(row, 7)}`)
}

// The same people stand in several files.
const known = new Map<string, string>()

function completed(kind: keyof typeof lasts, front: string): string {
  const whole =
    known.get(front) ??
    [...lasts[kind]].map((last) => front + last).find((number) => hasCheckDigit(kind, number))
  if (whole === undefined) throw new Error(`no check digit fits ${front}`)
  known.set(front, whole)
  return whole
}

/** A real-estate unit number in Dujiangyan (510181). */
export function unitNumber(row: number): string {
  return `510181001001GB${padded(Math.floor(row / 1000), 5)}F${padded(row, 8)}`
}

/** A real-estate title number, 7 digits of which count the row. */
export function titleNumber(year: number, row: number): string {
  return `川（${year}）都江堰市不动产权第${padded(row, 7)}号`
}

/** A registration certificate number, 7 digits of which count the row. */
export function registrationNumber(year: number, row: number): string {
  return `川（${year}）都江堰市不动产证明第${padded(row, 7)}号`
}
