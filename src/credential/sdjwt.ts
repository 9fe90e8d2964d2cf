import { sha256Base64url } from '#primitives'
import { InputError } from '../errors.ts'
import { isJsonObject, parseJson } from './json.ts'
import { textOf } from './jws.ts'
import type { Disclosure, Json, JsonObject } from './model.ts'

const maxDepth = 32

type Opened = {
  readonly encoded: string
  readonly salt: string
  /** Undefined for an array element. */
  readonly name: string | undefined
  readonly value: Json
}

type Walk = {
  readonly byDigest: Map<string, Opened>
  readonly digests: Set<string>
  readonly found: Disclosure[]
  readonly mayConceal: (member: string) => boolean
}

function refuse(why: string): InputError {
  return new InputError('credential/bad-disclosure', { why })
}

/**
 * Puts disclosures in their places, every rule of RFC 9901 section 7.1 applied: each disclosure is
 * referenced exactly once, no digest stands twice (disclosed or not), no name collides or is reserved,
 * `_sd_alg` is `sha-256` and only at the top.
 *
 * @param payload of the issuer-signed JWT; it is not written to.
 * @param disclosures base64url, as they stand in the token.
 * @param mayConceal whether a top-level member, or anything inside it, may be selectively disclosable.
 * @returns the payload without `_sd`, `_sd_alg` and `...`; and what was disclosed, in payload order.
 * @throws {InputError} `credential/bad-disclosure`, `credential/bad-base64url`, `json/*`.
 */
export function resolveDisclosures(
  payload: JsonObject,
  disclosures: readonly string[],
  mayConceal: (member: string) => boolean,
): { payload: JsonObject; disclosures: Disclosure[] } {
  const algorithm = payload._sd_alg
  if (algorithm !== undefined && algorithm !== 'sha-256') throw refuse('_sd_alg')
  const byDigest = new Map<string, Opened>()
  for (const encoded of disclosures) {
    const digest = sha256Base64url(encoded)
    if (byDigest.has(digest)) throw refuse('duplicate')
    byDigest.set(digest, open(encoded))
  }
  const walk: Walk = { byDigest, digests: new Set(), found: [], mayConceal }
  const resolved = resolveObject(payload, [], walk, true)
  if (walk.found.length !== disclosures.length) throw refuse('unreferenced')
  return { payload: resolved, disclosures: walk.found }
}

/** RFC 9901 section 4.2: `[salt, name, value]` or, for an array element, `[salt, value]`. */
function open(encoded: string): Opened {
  const parts = parseJson(textOf(encoded), { maxLength: 131_072 })
  if (!Array.isArray(parts) || (parts.length !== 2 && parts.length !== 3)) throw refuse('shape')
  const [salt] = parts
  if (typeof salt !== 'string') throw refuse('salt')
  if (parts.length === 2) return { encoded, salt, name: undefined, value: parts[1]! }
  const name = parts[1]
  if (typeof name !== 'string') throw refuse('name')
  if (name === '_sd' || name === '...' || name === '_sd_alg') throw refuse('reserved name')
  return { encoded, salt, name, value: parts[2]! }
}

/** Takes the disclosure behind a digest; undefined where it was not disclosed. */
function take(digest: Json | undefined, walk: Walk): Opened | undefined {
  if (typeof digest !== 'string') throw refuse('digest')
  // RFC 9901 §7.1 step 4: no digest more than once, whether disclosed or not.
  if (walk.digests.has(digest)) throw refuse('digest twice')
  walk.digests.add(digest)
  return walk.byDigest.get(digest)
}

type Path = readonly (string | number)[]

function resolve(value: Json, path: Path, walk: Walk, conceal: boolean): Json {
  if (typeof value !== 'object' || value === null) return value
  if (path.length > maxDepth) throw new InputError('json/too-deep')
  return Array.isArray(value)
    ? resolveArray(value, path, walk, conceal)
    : resolveObject(value, path, walk, conceal)
}

function resolveObject(object: JsonObject, path: Path, walk: Walk, conceal: boolean): JsonObject {
  const resolved: JsonObject = Object.create(null)
  for (const name in object) {
    if (name === '_sd' || (name === '_sd_alg' && path.length === 0)) continue
    if (name === '...' || name === '_sd_alg') throw refuse('reserved name')
    const allowed = conceal && (path.length > 0 || walk.mayConceal(name))
    const value = object[name]!
    resolved[name] =
      typeof value === 'object' && value !== null
        ? resolve(value, [...path, name], walk, allowed)
        : value
  }
  const digests = object._sd
  if (digests === undefined) return resolved
  if (!Array.isArray(digests) || !conceal) throw refuse('_sd')
  for (const digest of digests) {
    const opened = take(digest, walk)
    if (opened === undefined) continue
    const { name, encoded, salt } = opened
    if (name === undefined) throw refuse('shape')
    if (name in resolved) throw refuse('collision')
    if (path.length === 0 && !walk.mayConceal(name)) throw refuse('protected')
    const at = [...path, name]
    walk.found.push({ encoded, salt, path: at })
    resolved[name] = resolve(opened.value, at, walk, true)
  }
  return resolved
}

function resolveArray(array: readonly Json[], path: Path, walk: Walk, conceal: boolean): Json[] {
  const resolved: Json[] = []
  for (const element of array) {
    if (!isJsonObject(element) || !('...' in element)) {
      resolved.push(resolve(element, [...path, resolved.length], walk, conceal))
      continue
    }
    if (!conceal || Object.keys(element).length !== 1) throw refuse('...')
    const opened = take(element['...'], walk)
    if (opened === undefined) continue
    if (opened.name !== undefined) throw refuse('shape')
    const at = [...path, resolved.length]
    walk.found.push({ encoded: opened.encoded, salt: opened.salt, path: at })
    resolved.push(resolve(opened.value, at, walk, true))
  }
  return resolved
}
