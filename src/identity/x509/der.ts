import { InputError } from '../../errors.ts'

const maxDepth = 32
const maxElements = 200_000

const boolean = 0x01
const integer = 0x02
const bitString = 0x03
const sequence = 0x30
const set = 0x31

/** Universal primitive types that X.509 uses, by tag; others are refused. */
const primitive = new Set([
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1c,
  0x1e,
])

/**
 * Refuses bytes that are not one DER value: indefinite or padded lengths, bytes left over, constructed
 * strings, BER booleans and padded integers, deep nesting. The parser behind it reads BER, where one
 * certificate has many spellings, and so many fingerprints.
 *
 * @throws {InputError} `certificate/malformed`
 * @see ITU-T X.690, sections 8 and 10
 */
export function requireDer(bytes: Uint8Array): void {
  let elements = 0

  function walk(start: number, end: number, depth: number): void {
    if (depth > maxDepth) fail(start)
    let at = start
    while (at < end) {
      if (++elements > maxElements) fail(at)
      const tag = bytes[at]!
      // No X.509 structure has a tag number above 30.
      if ((tag & 0x1f) === 0x1f) fail(at)
      const [from, to] = contents(at, end)
      check(tag, from, to)
      if ((tag & 0x20) !== 0) walk(from, to, depth + 1)
      at = to
    }
  }

  function contents(at: number, end: number): [number, number] {
    const first = bytes[at + 1]
    if (at + 1 >= end || first === undefined) return fail(at)
    if (first < 0x80) return within(at + 2, first, end)
    const count = first & 0x7f
    if (count === 0 || count > 4 || at + 2 + count > end) return fail(at)
    let length = 0
    for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!
    if (bytes[at + 2] === 0 || length < 0x80) return fail(at)
    return within(at + 2 + count, length, end)
  }

  function within(from: number, length: number, end: number): [number, number] {
    return from + length <= end ? [from, from + length] : fail(from)
  }

  function check(tag: number, from: number, to: number): void {
    if (tag >= 0x40) return
    if ((tag & 0x20) !== 0) {
      if (tag !== sequence && tag !== set) fail(from)
      return
    }
    if (!primitive.has(tag)) fail(from)
    const size = to - from
    const first = bytes[from]
    if (tag === boolean && (size !== 1 || (first !== 0 && first !== 0xff))) fail(from)
    if (tag === bitString) {
      if (size === 0 || first! > 7 || (size === 1 && first !== 0)) fail(from)
      // Bits that do not count are zero.
      if ((bytes[to - 1]! & ((1 << first!) - 1)) !== 0) fail(from)
    }
    if (tag === integer) {
      if (size === 0) fail(from)
      const next = bytes[from + 1]!
      // A leading 00 or FF that the next bit says already.
      if (size > 1 && ((first === 0 && next < 0x80) || (first === 0xff && next >= 0x80))) fail(from)
    }
  }

  function fail(at: number): never {
    throw new InputError('certificate/malformed', { at })
  }

  const outer = bytes.length > 0 ? contents(0, bytes.length) : fail(0)
  if (outer[1] !== bytes.length) fail(outer[1])
  walk(0, bytes.length, 0)
}
