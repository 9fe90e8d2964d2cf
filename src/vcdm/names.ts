import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { refuse } from './read.ts'

/** Well-formed as BCP 47 has it: subtags of letters and digits, at most eight each. */
const languageTag = /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i
const members = ['@value', '@language', '@direction']

/**
 * Checks `name` and `description`: text, or text with its language and direction, or several of those.
 *
 * @param path where the object stands, ending in `/` unless it is the document.
 * @throws {InputError} `vcdm/bad-name`
 * @see VC Data Model 2.0, sections 4.6 and 11.1
 */
export function checkNames(object: JsonObject, path = ''): void {
  for (const member of ['name', 'description']) {
    const value = object[member]
    if (value === undefined) continue
    const list = Array.isArray(value) ? value : [value]
    const isGood = list.length > 0 && list.every((one) => isText(one, Array.isArray(value)))
    if (!isGood) throw refuse('vcdm/bad-name', `${path}${member}`)
  }
}

/** In a list every text says its language: otherwise nobody could choose. */
function isText(value: Json, isOneOfMany: boolean): boolean {
  if (typeof value === 'string') return !isOneOfMany
  if (!isJsonObject(value)) return false
  const { '@value': text, '@language': language, '@direction': direction } = value
  return (
    typeof text === 'string' &&
    (language === undefined || (typeof language === 'string' && languageTag.test(language))) &&
    (direction === undefined || direction === 'ltr' || direction === 'rtl') &&
    Object.keys(value).every((member) => members.includes(member))
  )
}
