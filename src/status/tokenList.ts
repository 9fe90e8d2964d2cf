import { InputError } from '../errors.ts'
import type { Entries } from './entries.ts'

/**
 * The uncompressed byte array of an IETF Token Status List with `bits: 2`. DEFLATE (zlib) and
 * base64url are the caller's.
 *
 * Valid is published as 0x00 VALID, revoked as 0x01 INVALID and suspended as 0x02 SUSPENDED, the
 * registered values; superseded is published as 0x01 INVALID, since 0x03 means something else to
 * every application.
 *
 * @param entries statuses of a whole list; a multiple of 4.
 * @returns two bits an entry, the first the lowest of its byte.
 * @see IETF Token Status List, sections 4.1 and 7.1
 */
export function tokenList(entries: Entries): Uint8Array {
  const bytes = new Uint8Array(entries.length / 4)
  for (const [index, status] of entries.entries()) {
    bytes[index >>> 2]! |= (status === 3 ? 1 : status) << ((index & 3) * 2)
  }
  return bytes
}

/** The value 0 to 3 of one entry in an uncompressed list of 2 bits. @throws {InputError} `status/bad-index` */
export function tokenListAt(bytes: Uint8Array, index: number): number {
  const byte = Number.isInteger(index) && index >= 0 ? bytes[Math.floor(index / 4)] : undefined
  if (byte === undefined) throw new InputError('status/bad-index', { index })
  return (byte >>> ((index & 3) * 2)) & 3
}
