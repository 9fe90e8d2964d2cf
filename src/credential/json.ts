import { decodeUtf8 } from '#primitives'
import { type Code, InputError } from '../errors.ts'
import type { Json, JsonObject } from './model.ts'

/** What a text may hold at most; each is checked before or while reading, so work stays linear. */
export type JsonLimits = {
  /** UTF-16 units of text (or bytes); default 65,536. */
  readonly maxLength?: number
  /** Objects and arrays inside one another; default 32. */
  readonly maxDepth?: number
  /** Values of any kind; default 10,000. */
  readonly maxNodes?: number
}

type Reader = { readonly text: string; at: number; nodes: number }

/**
 * Reads JSON (RFC 8259) the one way on which everybody agrees: no duplicate members at any depth, only
 * integers within ±(2^53 - 1) and no `-0`, fractions or exponents, only well-formed Unicode, no byte
 * order mark, nothing after the value. Objects have no prototype.
 *
 * @throws {InputError} `json/malformed`, `json/duplicate-member`, `json/too-deep`, `json/too-large`,
 *   `json/unsafe-number`, `json/ill-formed-text`, with the offset.
 */
export function parseJson(input: string | Uint8Array, limits: JsonLimits = {}): Json {
  const { maxLength = 65_536, maxDepth = 32, maxNodes = 10_000 } = limits
  if (input.length > maxLength) throw new InputError('json/too-large', { maxLength })
  const reader = {
    text: typeof input === 'string' ? input : decodeUtf8(input),
    at: 0,
    nodes: maxNodes,
  }
  const value = readValue(reader, maxDepth)
  skipSpace(reader)
  if (reader.at !== reader.text.length) throw refuse('json/malformed', reader)
  return value
}

/**
 * The same, for a text that must be one object.
 *
 * @throws {InputError} as {@link parseJson}, and `json/malformed` for another kind of value.
 */
export function parseJsonObject(input: string | Uint8Array, limits: JsonLimits = {}): JsonObject {
  const value = parseJson(input, limits)
  if (!isJsonObject(value)) throw new InputError('json/malformed', { expected: 'object' })
  return value
}

/** Whether a value is an object, neither null nor an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(code: Code, { at }: Reader): InputError {
  return new InputError(code, { at })
}

function skipSpace(reader: Reader): number {
  const { text } = reader
  let code = text.charCodeAt(reader.at)
  while (code === 32 || code === 10 || code === 13 || code === 9) {
    code = text.charCodeAt(++reader.at)
  }
  return code
}

function readValue(reader: Reader, depth: number): Json {
  if (reader.nodes-- <= 0) throw refuse('json/too-large', reader)
  const code = skipSpace(reader)
  if (code === 34) return readString(reader)
  if (code === 123) return readObject(reader, depth)
  if (code === 91) return readArray(reader, depth)
  if (code === 45 || (code >= 48 && code <= 57)) return readInteger(reader)
  if (code === 116) return readWord(reader, 'true', true)
  if (code === 102) return readWord(reader, 'false', false)
  if (code === 110) return readWord(reader, 'null', null)
  throw refuse('json/malformed', reader)
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw refuse('json/malformed', reader)
  reader.at += word.length
  return value
}

function readObject(reader: Reader, depth: number): JsonObject {
  if (depth <= 0) throw refuse('json/too-deep', reader)
  const object: JsonObject = Object.create(null)
  reader.at++
  if (skipSpace(reader) === 125) {
    reader.at++
    return object
  }
  for (;;) {
    if (skipSpace(reader) !== 34) throw refuse('json/malformed', reader)
    const name = readName(reader)
    if (name in object) throw refuse('json/duplicate-member', reader)
    if (skipSpace(reader) !== 58) throw refuse('json/malformed', reader)
    reader.at++
    object[name] = readValue(reader, depth - 1)
    const next = skipSpace(reader)
    reader.at++
    if (next === 125) return object
    if (next !== 44) throw refuse('json/malformed', reader)
  }
}

function readArray(reader: Reader, depth: number): Json[] {
  if (depth <= 0) throw refuse('json/too-deep', reader)
  const array: Json[] = []
  reader.at++
  if (skipSpace(reader) === 93) {
    reader.at++
    return array
  }
  for (;;) {
    array.push(readValue(reader, depth - 1))
    const next = skipSpace(reader)
    reader.at++
    if (next === 93) return array
    if (next !== 44) throw refuse('json/malformed', reader)
  }
}

function readInteger(reader: Reader): number {
  const { text } = reader
  const start = reader.at
  let at = text.charCodeAt(start) === 45 ? start + 1 : start
  const digits = at
  let code = text.charCodeAt(at)
  while (code >= 48 && code <= 57) code = text.charCodeAt(++at)
  reader.at = at
  if (at === digits || (at > digits + 1 && text.charCodeAt(digits) === 48)) {
    throw refuse('json/malformed', reader)
  }
  if (code === 46 || code === 101 || code === 69 || at - digits > 16) {
    throw refuse('json/unsafe-number', reader)
  }
  const value = Number(text.slice(start, at))
  if (!Number.isSafeInteger(value) || Object.is(value, -0))
    throw refuse('json/unsafe-number', reader)
  return value
}

/** Names read lately, each where its characters lead: certificates of a type have the same ones. */
const names: string[] = Array.from({ length: 512 }, () => '')
const maxName = 32

/** A member's name; one read lately need not be made and looked up anew. */
function readName(reader: Reader): string {
  const { text } = reader
  const start = reader.at + 1
  let at = start
  let place = 0
  let code = text.charCodeAt(at)
  // Printable ASCII without quote and backslash; every other name is read as any string.
  while (code >= 32 && code < 127 && code !== 34 && code !== 92) {
    place = (place * 31 + code) & 511
    code = text.charCodeAt(++at)
  }
  if (code !== 34 || at - start > maxName) return readString(reader)
  reader.at = at + 1
  const known = names[place]!
  if (known.length === at - start && text.startsWith(known, start)) return known
  const name = text.slice(start, at)
  names[place] = name
  return name
}

function readString(reader: Reader): string {
  const { text } = reader
  const start = reader.at + 1
  let at = start
  let hasSurrogates = false
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === 34) break
    if (code === 92) return readEscapedString(reader, start, at)
    // The end of the text reads as NaN and fails here too.
    if (!(code >= 32)) {
      reader.at = at
      throw refuse('json/malformed', reader)
    }
    if (code >= 0xd800 && code <= 0xdfff) hasSurrogates = true
    at++
  }
  reader.at = at + 1
  const value = text.slice(start, at)
  if (hasSurrogates && !value.isWellFormed()) throw refuse('json/ill-formed-text', reader)
  return value
}

const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

function readEscapedString(reader: Reader, start: number, firstEscape: number): string {
  const { text } = reader
  let value = text.slice(start, firstEscape)
  let at = firstEscape
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === 34) break
    reader.at = at
    if (code === 92) {
      const plain = escapes.get(text.charAt(at + 1))
      if (plain !== undefined) {
        value += plain
        at += 2
      } else {
        const digits = text.slice(at + 2, at + 6)
        if (text.charAt(at + 1) !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) {
          throw refuse('json/malformed', reader)
        }
        value += String.fromCharCode(Number.parseInt(digits, 16))
        at += 6
      }
    } else {
      if (!(code >= 32)) throw refuse('json/malformed', reader)
      const from = at
      let next = code
      while (next >= 32 && next !== 34 && next !== 92) next = text.charCodeAt(++at)
      value += text.slice(from, at)
    }
  }
  reader.at = at + 1
  if (!value.isWellFormed()) throw refuse('json/ill-formed-text', reader)
  return value
}
