import { decodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import { isJsonObject } from './json.ts'
import type { Json, JsonObject, PublicJwk } from './model.ts'

/** 31 December 9999, 23:59:59 UTC, the last second that a calendar date of four digits can name. */
const lastSecond = 253_402_300_799

function bad(path: string): InputError {
  return new InputError('credential/bad-claim', { path })
}

/** A member's value. @throws {InputError} `credential/missing-claim` */
export function required<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new InputError('credential/missing-claim', { path })
  return value
}

/** A string of 1 to 4,096 characters, or undefined where it is absent. @throws {InputError} `credential/bad-claim` */
export function readString(value: Json | undefined, path: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '' || value.length > 4096) throw bad(path)
  return value
}

/** An integer from 0 to `max`, or undefined where it is absent. @throws {InputError} `credential/bad-claim` */
export function readUint(value: Json | undefined, path: string, max: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw bad(path)
  }
  return value
}

/**
 * A NumericDate (RFC 7519 section 2) of whole seconds, or undefined where it is absent.
 *
 * @throws {InputError} `credential/bad-claim`
 */
export function readSeconds(value: Json | undefined, path: string): Date | undefined {
  const seconds = readUint(value, path, lastSecond)
  return seconds === undefined ? undefined : new Date(seconds * 1000)
}

const dateTime =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/

/**
 * An xsd:dateTimeStamp (VC Data Model 2.0 section 4.9), or undefined where it is absent.
 *
 * @throws {InputError} `credential/bad-claim`, also for a day that the calendar does not have.
 */
export function readDateTime(value: Json | undefined, path: string): Date | undefined {
  if (value === undefined) return undefined
  const parts = typeof value === 'string' ? dateTime.exec(value) : null
  if (parts === null) throw bad(path)
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const date = new Date(parts[0])
  const calendar = new Date(Date.UTC(year, month - 1, day))
  if (Number.isNaN(date.getTime()) || calendar.getUTCDate() !== day || month < 1 || month > 12) {
    throw bad(path)
  }
  return date
}

/** An object, or undefined where it is absent. @throws {InputError} `credential/bad-claim` */
export function readObject(value: Json | undefined, path: string): JsonObject | undefined {
  if (value === undefined) return undefined
  if (!isJsonObject(value)) throw bad(path)
  return value
}

/** One string or a list of them, as a list. @throws {InputError} `credential/bad-claim` */
export function readStrings(value: Json | undefined, path: string): string[] | undefined {
  if (value === undefined) return undefined
  const list = Array.isArray(value) ? value : [value]
  if (list.length === 0 || list.length > 100) throw bad(path)
  return list.map((element) => readString(element, path)!)
}

/** Refuses members that are not in the list. @throws {InputError} `credential/bad-claim` */
export function refuseOthers(object: JsonObject, names: readonly string[], path: string): void {
  for (const name in object) if (!names.includes(name)) throw bad(path)
}

const jwkMembers = ['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use', 'key_ops']

/**
 * A public key inside a claim; the point is checked when the key is used.
 *
 * @throws {InputError} `credential/bad-claim`, also for a private key.
 */
export function readJwk(value: Json | undefined, path: string): PublicJwk {
  const jwk = readObject(required(value, path), path)!
  refuseOthers(jwk, jwkMembers, path)
  const { kty, crv, x, y } = jwk
  if (typeof kty !== 'string' || typeof crv !== 'string' || typeof x !== 'string') throw bad(path)
  if (y === undefined) return { kty, crv, x }
  if (typeof y !== 'string') throw bad(path)
  return { kty, crv, x, y }
}

/**
 * Random bytes as base64url.
 *
 * @throws {InputError} `credential/bad-claim`; `credential/weak-salt` under 16 bytes.
 */
export function readSalt(value: Json | undefined, path: string): string {
  if (typeof value !== 'string' || value.length > 256) throw bad(path)
  if (value.length < 22) throw new InputError('credential/weak-salt', { path })
  decodeBase64url(value)
  return value
}
