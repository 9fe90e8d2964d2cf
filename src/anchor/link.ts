import { keccak256 } from '#primitives'
import { InputError } from '../errors.ts'
import { bytesFromHex, hex } from '../primitives/bytes.ts'
import type { AnchorRecord } from './model.ts'

/** How many batches share one storage word of AnchorRegistry. */
export const groupSize = 16

/** The link before an issuer's first batch, 31 zero bytes. */
export const zeroLink = `0x${'00'.repeat(31)}`

/** Group and place of a batch: batches 1 to 16 are group 0, places 1 to 16. */
export function groupOf(sequence: number): { group: number; place: number } {
  if (!Number.isSafeInteger(sequence) || sequence < 1) {
    throw new InputError('anchor/bad-record', { sequence })
  }
  return { group: Math.floor((sequence - 1) / groupSize), place: ((sequence - 1) % groupSize) + 1 }
}

/**
 * The link that a batch leaves in AnchorRegistry.
 *
 * @returns `0x` and 62 hex digits: the first 31 bytes of keccak-256 over the seven members as 32-byte
 * words (Solidity `abi.encode`): issuer, sequence, previous, root, size, block, seconds.
 * @throws {InputError} `anchor/bad-record` if a member does not fit its type.
 */
export function linkOf(record: AnchorRecord): string {
  const words = new Uint8Array(7 * 32)
  words.set(bytes(record.issuer, 20), 12)
  writeInteger(words, 1, record.sequence)
  words.set(bytes(record.previous, 31), 2 * 32)
  words.set(bytes(record.root, 32), 3 * 32)
  writeInteger(words, 4, record.size)
  writeInteger(words, 5, record.block)
  writeInteger(words, 6, record.time.getTime() / 1000)
  return `0x${hex(keccak256(words).subarray(0, 31))}`
}

/**
 * Hashes forward from a batch to the newest one of its group.
 *
 * @param records the batch and those after it, in order, all of one issuer and group.
 * @returns what the group's storage word must hold if each of them was anchored as stated.
 * @throws {InputError} `anchor/bad-record` if they are not consecutive, each naming the link before.
 */
export function foldGroup(records: readonly AnchorRecord[]): { link: string; count: number } {
  const [first] = records
  if (first === undefined) throw new InputError('anchor/bad-record')
  const { group } = groupOf(first.sequence)
  let link = first.previous
  for (const [at, record] of records.entries()) {
    const fits =
      record.issuer === first.issuer &&
      record.sequence === first.sequence + at &&
      groupOf(record.sequence).group === group &&
      record.previous === link
    if (!fits) throw new InputError('anchor/bad-record', { sequence: record.sequence })
    link = linkOf(record)
  }
  return { link, count: groupOf(records.at(-1)!.sequence).place }
}

function bytes(text: string, length: number): Uint8Array {
  // Another case or a missing prefix would be a second spelling of the same record.
  if (!/^0x[0-9a-f]*$/.test(text) || text.length !== 2 + 2 * length) {
    throw new InputError('anchor/bad-record')
  }
  return bytesFromHex(text, length)
}

function writeInteger(words: Uint8Array, word: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new InputError('anchor/bad-record')
  new DataView(words.buffer).setBigUint64(word * 32 + 24, BigInt(value))
}
