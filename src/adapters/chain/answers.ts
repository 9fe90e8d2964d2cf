import { OutsideError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'

/** An object whose members were not looked at yet. */
export type Answer = Readonly<Record<string, unknown>>

/** The answer is an object. @throws {OutsideError} `chain/bad-answer` */
export function object(value: unknown, method: string): Answer {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(method)
  return value as Answer
}

/** The answer is an array of at most `limit`. @throws {OutsideError} `chain/bad-answer` */
export function array(value: unknown, method: string, limit: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > limit) throw bad(method)
  return value
}

/** Bytes as lower-case `0x` hex, of `bytes` bytes where given. @throws {OutsideError} `chain/bad-answer` */
export function hex(value: unknown, method: string, bytes?: number): string {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) throw bad(method)
  if (bytes !== undefined && value.length !== 2 + 2 * bytes) throw bad(method)
  return value.toLowerCase()
}

/** A JSON-RPC quantity. @throws {OutsideError} `chain/bad-answer` */
export function bigQuantity(value: unknown, method: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw bad(method)
  return BigInt(value)
}

/** A JSON-RPC quantity that fits a safe integer. @throws {OutsideError} `chain/bad-answer` */
export function quantity(value: unknown, method: string): number {
  const number = Number(bigQuantity(value, method))
  if (!Number.isSafeInteger(number)) throw bad(method)
  return number
}

/** A block as `eth_getBlockBy*` answers it. @throws {OutsideError} `chain/bad-answer` */
export function block(value: unknown, method: string): BlockRef & { readonly parentHash: string } {
  const answer = object(value, method)
  const seconds = quantity(answer.timestamp, method)
  if (seconds > 8_640_000_000_000) throw bad(method)
  return {
    number: quantity(answer.number, method),
    hash: hex(answer.hash, method, 32),
    parentHash: hex(answer.parentHash, method, 32),
    time: new Date(seconds * 1000),
  }
}

/** A number as a JSON-RPC quantity. */
export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

function bad(method: string): OutsideError {
  return new OutsideError('chain/bad-answer', { method })
}
