import { InputError } from '../errors.ts'
import type { Entries } from './entries.ts'

/** What a bit set says; W3C Bitstring Status List section 2.2. `refresh`: a newer version exists. */
export type BitstringPurpose = 'revocation' | 'suspension' | 'refresh'

/** Which of 0 valid, 1 revoked, 2 suspended, 3 superseded set a list's bit. */
const setBy = { revocation: [1, 3], suspension: [2], refresh: [3] } as const

/**
 * The uncompressed bitstring of one purpose. GZIP and multibase (`u`, base64url) are the caller's.
 *
 * @param entries statuses of a whole list; a multiple of 8.
 * @returns one bit an entry, the first the highest of its byte.
 * @see W3C Bitstring Status List v1.0, sections 3.3 and 3.4
 */
export function bitstring(entries: Entries, purpose: BitstringPurpose): Uint8Array {
  const set: readonly number[] = setBy[purpose]
  const bits = new Uint8Array(entries.length / 8)
  for (const [index, status] of entries.entries()) {
    if (set.includes(status)) bits[index >>> 3]! |= 0x80 >>> (index & 7)
  }
  return bits
}

/** The bit of one entry in an uncompressed bitstring. @throws {InputError} `status/bad-index` */
export function bitAt(bits: Uint8Array, index: number): boolean {
  const byte = Number.isInteger(index) && index >= 0 ? bits[Math.floor(index / 8)] : undefined
  if (byte === undefined) throw new InputError('status/bad-index', { index })
  return (byte & (0x80 >>> (index & 7))) !== 0
}
