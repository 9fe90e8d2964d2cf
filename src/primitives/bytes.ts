import { InputError } from '../errors.ts'

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex digits of `bytes`, two a byte, without a prefix. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte]
  return text
}

/** What a character stands for as a hex digit, by its code; -1: it is none. */
const nibbles = new Int8Array(0x10000).fill(-1)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  nibbles[digit.charCodeAt(0)] = value
  nibbles[digit.toUpperCase().charCodeAt(0)] = value
}

/**
 * Reads hex digits of either case, with or without `0x`.
 *
 * @param length expected number of bytes; any if left out.
 * @throws {InputError} `hex/malformed` on another character, an odd number of digits or another length.
 */
export function bytesFromHex(text: string, length?: number): Uint8Array {
  const start = text.startsWith('0x') ? 2 : 0
  const size = (text.length - start) / 2
  if (!Number.isInteger(size) || (length !== undefined && size !== length)) {
    throw new InputError('hex/malformed', { digits: text.length - start })
  }
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) {
    const high = nibbles[text.charCodeAt(start + 2 * i)]!
    const low = nibbles[text.charCodeAt(start + 2 * i + 1)]!
    // Negative if either is no digit.
    if ((high | low) < 0) throw new InputError('hex/malformed', { at: start + 2 * i })
    bytes[i] = (high << 4) | low
  }
  return bytes
}

/** Whether both hold the same bytes. Takes time by length and first difference: not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Ascending byte order, as `Array.sort` wants it: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** All parts, one after another, in new memory. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const part of parts) size += part.length
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
