import type { JsonObject } from '../../credential/model.ts'
import type { Session } from '../../ports/sessions.ts'
import { refuseIllFormed } from './wellFormed.ts'

/** A session's value as it is stored. @throws {InputError} `json/ill-formed-text` for a bad kind or name. */
export function valueText({ kind, name, value }: Pick<Session, 'kind' | 'name' | 'value'>): string {
  refuseIllFormed([kind, name])
  return JSON.stringify(value)
}

/** Reads back what {@link valueText} wrote; objects have no prototype. */
export function readValue(text: string): JsonObject {
  return JSON.parse(text, (_name, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.assign(Object.create(null), value)
      : value,
  )
}

/** Whether a name can be one: others are unknown, not an error of the database. */
export function isName(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
