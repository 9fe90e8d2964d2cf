import { InputError } from '../errors.ts'

/** An option that the command cannot do without. @throws {InputError} `cli/bad-option` */
export function required<T>(value: T | undefined, option: string): T {
  if (value === undefined) throw badOption(option, 'missing')
  return value
}

/**
 * A moment as people write it: `2026-11-22` (the end of that day, UTC) or with a time,
 * `2026-11-22T08:00:00Z`.
 *
 * @throws {InputError} `cli/bad-option`
 */
export function moment(text: string, option: string): Date {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  if (!isDay && !isTime) throw badOption(option, 'date')
  const date = new Date(isDay ? `${text}T23:59:59.999Z` : text)
  const isReal = !Number.isNaN(date.getTime()) && (!isDay || date.toISOString().startsWith(text))
  if (!isReal) throw badOption(option, 'date')
  return date
}

/** A moment that has passed; today as a day means now. @throws {InputError} `cli/bad-option` */
export function pastMoment(text: string, option: string, now: Date): Date {
  const date = moment(text, option)
  if (date <= now) return date
  if (text === now.toISOString().slice(0, 10)) return now
  throw badOption(option, 'future')
}

/** A whole number. @throws {InputError} `cli/bad-option` */
export function wholeNumber(text: string, option: string, least = 0): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= least)) throw badOption(option, 'number')
  return number
}

/** One of a few words. @throws {InputError} `cli/bad-option` */
export function oneOf<T extends string>(text: string, words: readonly T[], option: string): T {
  const word = words.find((candidate) => candidate === text)
  if (word === undefined) throw badOption(option, words.join(' | '))
  return word
}

/** Why an option does not fit; its value is not repeated. */
export function badOption(option: string, why: string): InputError {
  return new InputError('cli/bad-option', { option, why })
}
