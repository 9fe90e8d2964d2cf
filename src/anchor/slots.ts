import { keccak256 } from '#primitives'
import { bytesFromHex, concat, hex } from '../primitives/bytes.ts'

/**
 * First slots of the contracts' members, from the compiler's storage layout; a test compares them with
 * the built contracts.
 */
export const layout = {
  DepartmentRegistry: { _departments: 7, _keys: 8, _recoveredAt: 10, _accreditations: 12 },
  AnchorRegistry: { _words: 0 },
  StatusRegistry: { _words: 0 },
} as const

/** Slots of one struct, in order; each `0x` and 64 hex digits. */
export type StructSlots = readonly string[]

/** AnchorRegistry: the word of 16 batches, link << 8 | count. */
export function anchorSlot(issuer: string, group: number): string {
  const base = integer(layout.AnchorRegistry._words)
  return text(at(integer(group), at(address(issuer), base)))
}

/** StatusRegistry: a word of 128 entries. */
export function statusSlot(issuer: string, list: number, word: number): string {
  const base = integer(layout.StatusRegistry._words)
  return text(at(integer(word), at(integer(list), at(address(issuer), base))))
}

/** DepartmentRegistry: account, accreditedUntil, epoch; accreditor, registeredAt; pendingAccount, removedAt. */
export function departmentSlots(department: string): StructSlots {
  const base = integer(layout.DepartmentRegistry._departments)
  return struct(at(address(department), base), 3)
}

/** DepartmentRegistry: department, purpose, epoch; certificateHash; validFrom, retiredAt, compromisedSince. */
export function keySlots(thumbprint: string): StructSlots {
  const base = integer(layout.DepartmentRegistry._keys)
  return struct(at(bytesFromHex(thumbprint, 32), base), 3)
}

/** DepartmentRegistry: when the keys of an epoch were retired by a recovery. */
export function recoverySlot(department: string, epoch: number): string {
  const base = integer(layout.DepartmentRegistry._recoveredAt)
  return text(at(integer(epoch), at(address(department), base)))
}

/** DepartmentRegistry: from, until, withdrawnAt, rights, depth; by, byIndex. */
export function accreditationSlots(
  department: string,
  certificateType: string,
  index: number,
): StructSlots {
  const first = BigInt(text(keccak256(accreditations(department, certificateType))))
  return struct(integer(first + 2n * BigInt(index)), 2)
}

function accreditations(department: string, certificateType: string): Uint8Array {
  const base = integer(layout.DepartmentRegistry._accreditations)
  return at(bytesFromHex(certificateType, 32), at(address(department), base))
}

/** The slot of a mapping's value: keccak-256 of key and slot, Solidity storage layout. */
function at(key: Uint8Array, slot: Uint8Array): Uint8Array {
  return keccak256(concat(key, slot))
}

function struct(first: Uint8Array, size: number): string[] {
  const start = BigInt(text(first))
  return Array.from({ length: size }, (_, n) => text(integer(start + BigInt(n))))
}

function address(department: string): Uint8Array {
  return concat(new Uint8Array(12), bytesFromHex(department, 20))
}

function integer(value: number | bigint): Uint8Array {
  return bytesFromHex(BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0'), 32)
}

function text(slot: Uint8Array): string {
  return `0x${hex(slot)}`
}
