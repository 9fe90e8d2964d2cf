import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'

/** Members that an object in a type definition must and may have. */
export type Allowed = { readonly required: readonly string[]; readonly optional: readonly string[] }

/**
 * An object with exactly the members allowed.
 *
 * @throws {InputError} `type/malformed` with `path`.
 */
export function object(json: Json | undefined, path: string, allowed: Allowed): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return malformed(path)
  for (const member of Object.keys(json))
    if (!allowed.required.includes(member) && !allowed.optional.includes(member)) malformed(path)
  for (const member of allowed.required)
    if (!Object.hasOwn(json, member)) malformed(`${path}.${member}`)
  return json
}

/**
 * An array of `least` to `most` items.
 *
 * @throws {InputError} `type/malformed` with `path`.
 */
export function array(json: Json | undefined, path: string, least: number, most: number): Json[] {
  if (!Array.isArray(json) || json.length < least || json.length > most) return malformed(path)
  return json
}

/**
 * A string of this form.
 *
 * @throws {InputError} `type/malformed` with `path`.
 */
export function text(json: Json | undefined, path: string, form: RegExp): string {
  return typeof json === 'string' && form.test(json) ? json : malformed(path)
}

/**
 * An integer within these bounds, both included.
 *
 * @throws {InputError} `type/malformed` with `path`.
 */
export function wholeNumber(
  json: Json | undefined,
  path: string,
  least: number,
  most: number,
): number {
  const isWhole = typeof json === 'number' && Number.isSafeInteger(json)
  return isWhole && json >= least && json <= most ? json : malformed(path)
}

/**
 * One of these words.
 *
 * @throws {InputError} `type/malformed` with `path`.
 */
export function oneOf<T extends string>(
  json: Json | undefined,
  path: string,
  words: readonly T[],
): T {
  return words.find((word) => word === json) ?? malformed(path)
}

function malformed(path: string): never {
  throw new InputError('type/malformed', { path })
}
