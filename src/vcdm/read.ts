import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { type Code, InputError } from '../errors.ts'

/** The base contexts of the two versions of the data model. */
export const contextOf = {
  '2.0': 'https://www.w3.org/ns/credentials/v2',
  '1.1': 'https://www.w3.org/2018/credentials/v1',
} as const
export type Version = keyof typeof contextOf

/** A refusal that names the place, never the value. */
export function refuse(code: Code, path: string, why?: string): InputError {
  return new InputError(code, why === undefined ? { path } : { path, why })
}

const scheme = /^[a-z][a-z0-9+.-]*:[^\s"<>\\^`{|}]+$/i

/** Whether a value is one absolute URL (VC Data Model 2.0 section 4.4): a scheme, and no character that none may have. */
export function isUrl(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length <= 4096 && scheme.test(value)
}

/** A value that may stand alone or in a set, as a list; empty where there is none. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

/** The id of an object, which is one URL where it is there. @throws {InputError} `vcdm/bad-id` */
export function readId(object: JsonObject, path: string): string | undefined {
  const { id } = object
  if (id === undefined) return undefined
  if (!isUrl(id)) throw refuse('vcdm/bad-id', `${path}id`)
  return id
}

/**
 * The types of an object: one or more words or URLs (section 4.5).
 *
 * @throws {InputError} `vcdm/bad-type`
 */
export function readTypes(object: JsonObject, path: string): readonly string[] {
  const types = listOf(object.type)
  if (types.length === 0 || types.length > 100) throw refuse('vcdm/bad-type', `${path}type`)
  for (const type of types) {
    // A word that looks like an address must be one; what a word means is for its context to say.
    const isWord = typeof type === 'string' && /^[^\s:]+$/.test(type)
    if (!isWord && !isUrl(type)) throw refuse('vcdm/bad-type', `${path}type`)
  }
  return types as readonly string[]
}

/** An object that is not empty, or undefined where there is none. @throws {InputError} of `code`. */
export function readObjects(
  value: Json | undefined,
  path: string,
  code: Code,
): readonly JsonObject[] {
  if (value === undefined) return []
  const list = listOf(value)
  if (list.length === 0 || list.length > 100) throw refuse(code, path)
  for (const [index, one] of list.entries()) {
    if (!isJsonObject(one) || Object.keys(one).length === 0) {
      throw refuse(code, Array.isArray(value) ? `${path}/${index}` : path)
    }
  }
  return list as readonly JsonObject[]
}
