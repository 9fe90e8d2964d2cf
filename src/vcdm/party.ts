import { isJsonObject } from '../credential/json.ts'
import type { Json } from '../credential/model.ts'
import type { Code } from '../errors.ts'
import { checkNames } from './names.ts'
import { isUrl, refuse } from './read.ts'

/**
 * Reads who issued or holds: a URL, or an object whose `id` is one.
 *
 * @throws {InputError} of `code`; `vcdm/bad-name`
 * @see VC Data Model 2.0, sections 4.7 and 4.13
 */
export function readParty(value: Json | undefined, path: string, code: Code): string {
  if (!isJsonObject(value)) {
    if (!isUrl(value)) throw refuse(code, path)
    return value
  }
  if (!isUrl(value.id)) throw refuse(code, `${path}/id`)
  checkNames(value, `${path}/`)
  return value.id
}
