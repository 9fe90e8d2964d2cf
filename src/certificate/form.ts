import { checkPatterns } from './checks.ts'
import type { Field } from './model.ts'

/** Code points of a text field where its type says nothing. */
export const defaultMaxLength = 200
/** Items of a list where its type says nothing. */
export const defaultMaxItems = 100

// Controls (except line feed inside), lone surrogates and characters that reorder text stay out.
const excluded =
  '\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\p{Cs}'
// What a spreadsheet makes of a long number, 5.10181E+17, is no text either.
const text = `^(?![0-9](?:\\.[0-9]+)?[eE]\\+[0-9]+$)[^\\s${excluded}](?:[^${excluded}]*[^\\s${excluded}])?$`

const forms: Readonly<Record<Exclude<Field['type'], 'objects'>, string>> = {
  string: text,
  list: text,
  number: '^(?:0|[1-9][0-9]{0,17})(?:\\.[0-9]{1,6})?$',
  date: '^[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$',
  'date-time':
    '^[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$',
}

/** The regular expression (flag `u`) that a field's value, or each item of a list, must match. */
export function formOf(field: Field): string {
  if (field.type === 'objects') return text
  if (field.check !== undefined) return checkPatterns[field.check]
  return field.pattern ?? forms[field.type]
}

/** Whether `YYYY-MM-DD`, alone or before a time, is a day of the calendar. */
export function isCalendarDay(value: string): boolean {
  const [year, month, day] = value.slice(0, 10).split('-').map(Number)
  const date = new Date(Date.UTC(year!, month! - 1, day!))
  return date.getUTCMonth() === month! - 1 && date.getUTCDate() === day
}
