import type { Json, JsonObject } from '../credential/model.ts'
import { type Code, InputError } from '../errors.ts'
import { hasCheckDigit, hasForm } from './checks.ts'
import { defaultMaxItems, defaultMaxLength, formOf, isCalendarDay } from './form.ts'
import type { CertificateType, CheckKind, Field } from './model.ts'

type Check = (value: Json, record: JsonObject, path: string) => Json

const compiled = new WeakMap<CertificateType, (record: Json) => JsonObject>()

/**
 * Checks a record's claims against its certificate type. Nothing is trimmed, folded or guessed.
 *
 * @returns the claims in the type's order, a new object.
 * @throws {InputError} `certificate/unknown-member`, `certificate/missing-claim`,
 *   `certificate/wrong-form`, `certificate/no-such-day`, `certificate/wrong-check-digit`,
 *   `certificate/mangled-number`; `path` says where (`parties.0.name`), never what.
 */
export function checkClaims(type: CertificateType, claims: Json): JsonObject {
  let check = compiled.get(type)
  if (check === undefined) {
    const members = checkMembers(type.fields)
    check = (record) => members(record, '')
    compiled.set(type, check)
  }
  return check(claims)
}

function refuse(code: Code, path: string): never {
  throw new InputError(code, { path })
}

function checkMembers(fields: readonly Field[]): (record: Json, at: string) => JsonObject {
  const checks = fields.map((field) => ({ field, check: checkField(field) }))
  const names = new Set(fields.map(({ name }) => name))
  return (record, at) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      return refuse('certificate/wrong-form', at)
    for (const name of Object.keys(record))
      if (!names.has(name)) refuse('certificate/unknown-member', at + printable(name))
    const checked: JsonObject = {}
    for (const { field, check } of checks) {
      const path = at + field.name
      const value = Object.hasOwn(record, field.name) ? record[field.name] : undefined
      if (value !== undefined) checked[field.name] = check(value, record, path)
      else if (field.required) refuse('certificate/missing-claim', path)
    }
    return checked
  }
}

// A member nobody knows may be a misplaced value, so only what looks like a name is repeated.
function printable(name: string): string {
  return /^[a-z][a-z_]{0,39}$/.test(name) ? name : '?'
}

function checkField(field: Field): Check {
  if (field.type === 'objects') {
    const members = checkMembers(field.fields!)
    return checkItems(field, (item, _record, path) => members(item, `${path}.`))
  }
  const one = checkText(field)
  return field.type === 'list' ? checkItems(field, one) : one
}

function checkItems(field: Field, one: Check): Check {
  const { minItems = 1, maxItems = defaultMaxItems } = field
  return (value, record, path) => {
    if (!Array.isArray(value) || value.length < minItems || value.length > maxItems)
      return refuse('certificate/wrong-form', path)
    return value.map((item, index) => one(item, record, `${path}.${index}`))
  }
}

function checkText(field: Field): Check {
  const form = new RegExp(formOf(field), 'u')
  const { check, checkBy, codes, maxLength = defaultMaxLength } = field
  const isDate = field.type === 'date' || field.type === 'date-time'
  return (value, record, path) => {
    if (typeof value !== 'string') return refuse('certificate/wrong-form', path)
    if (isMangled(value)) refuse('certificate/mangled-number', path)
    if (!form.test(value) || isLonger(value, maxLength)) refuse('certificate/wrong-form', path)
    if (codes !== undefined && !codes.includes(value)) refuse('certificate/wrong-form', path)
    if (isDate && !isCalendarDay(value)) refuse('certificate/no-such-day', path)
    if (check !== undefined) checkNumber(check, value, path)
    if (checkBy !== undefined) {
      const kind = record[checkBy.field]
      const isNamed = typeof kind === 'string' && Object.hasOwn(checkBy.checks, kind)
      const chosen = isNamed ? checkBy.checks[kind] : undefined
      if (chosen !== undefined) checkChosen(chosen, value, path)
    }
    return value
  }
}

// What a spreadsheet makes of a long number: 5.10181E+17.
function isMangled(value: string): boolean {
  return value.includes('+') && /^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$/.test(value)
}

function isLonger(value: string, maxLength: number): boolean {
  return value.length > maxLength && [...value].length > maxLength
}

function checkChosen(kind: CheckKind, value: string, path: string): void {
  if (!hasForm(kind, value)) refuse('certificate/wrong-form', path)
  checkNumber(kind, value, path)
}

function checkNumber(kind: CheckKind, value: string, path: string): void {
  if (hasCheckDigit(kind, value)) return
  // A spreadsheet keeps 15 digits and writes zeros for the rest.
  const isRounded = /^[0-9]{15}000$/.test(value)
  refuse(isRounded ? 'certificate/mangled-number' : 'certificate/wrong-check-digit', path)
}
