import type { AccreditationRecord, AccreditationRight } from '../accreditation/model.ts'
import {
  accreditationSlots,
  departmentSlots,
  keySlots,
  recoverySlot,
  type StructSlots,
} from '../anchor/slots.ts'
import type { DepartmentRecord, KeyPurpose, KeyRecord } from '../identity/model.ts'

/** The word in a slot of DepartmentRegistry; zero where nothing is stored. */
export type Word = (slot: string) => bigint

const purposes: readonly (KeyPurpose | undefined)[] = [undefined, 'assertion', 'status', 'request']

/** A department from its storage; undefined if it was never registered. */
export function departmentFrom(word: Word, department: string): DepartmentRecord | undefined {
  const [first, second, third] = wordsOf(word, departmentSlots(department))
  const registeredAt = timeIn(second, 160)
  if (registeredAt === undefined) return undefined
  const accreditor = addressIn(second)
  return {
    department,
    account: addressIn(first),
    accreditor: isZero(accreditor) ? undefined : accreditor,
    registeredAt,
    removedAt: timeIn(third, 160),
  }
}

/** A key from its storage, a recovery of its department included; undefined if it was never confirmed. */
export function keyFrom(word: Word, thumbprint: string): KeyRecord | undefined {
  const [first, certificate, third] = wordsOf(word, keySlots(thumbprint))
  const validFrom = timeIn(third, 0)
  const purpose = purposes[numberIn(first, 160, 8)]
  if (validFrom === undefined || purpose === undefined) return undefined
  const department = addressIn(first)
  const retired = timeIn(third, 64)
  const recovered = timeIn(word(recoverySlot(department, numberIn(first, 168, 32))), 0)
  const isEarlier = recovered !== undefined && (retired === undefined || recovered < retired)
  return {
    department,
    thumbprint,
    purpose,
    certificateHash: `0x${certificate.toString(16).padStart(64, '0')}`,
    validFrom,
    retiredAt: isEarlier ? recovered : retired,
    compromisedSince: timeIn(third, 128),
  }
}

/** One accreditation record from its storage; undefined if there is none of this index. */
export function accreditationFrom(
  word: Word,
  department: string,
  certificateType: string,
  index: number,
): AccreditationRecord | undefined {
  const [first, second] = wordsOf(word, accreditationSlots(department, certificateType, index))
  const from = timeIn(first, 0)
  const until = timeIn(first, 64)
  if (from === undefined || until === undefined) return undefined
  const by = addressIn(second)
  return {
    department,
    certificateType,
    index,
    rights: rightsOf(numberIn(first, 192, 8)),
    from,
    until,
    withdrawnAt: timeIn(first, 128),
    removedAt: departmentFrom(word, department)?.removedAt,
    by: isZero(by) ? undefined : { department: by, index: numberIn(second, 160, 32) },
    depth: numberIn(first, 200, 8),
  }
}

function rightsOf(bits: number): AccreditationRight[] {
  const rights: AccreditationRight[] = []
  if ((bits & 1) !== 0) rights.push('issue')
  if ((bits & 2) !== 0) rights.push('accredit')
  return rights
}

function wordsOf(word: Word, slots: StructSlots): [bigint, bigint, bigint] {
  const [first = 0n, second = 0n, third = 0n] = slots.map(word)
  return [first, second, third]
}

/** Members lie from the low end of a word up, Solidity storage layout. */
function numberIn(word: bigint, shift: number, bits: number): number {
  return Number(BigInt.asUintN(bits, word >> BigInt(shift)))
}

function timeIn(word: bigint, shift: number): Date | undefined {
  const seconds = BigInt.asUintN(64, word >> BigInt(shift))
  if (seconds === 0n) return undefined
  // The end of the calendar: "for ever" on the chain is still a comparable date here.
  return new Date(Number(seconds < 8_640_000_000_000n ? seconds : 8_640_000_000_000n) * 1000)
}

function addressIn(word: bigint): string {
  return `0x${BigInt.asUintN(160, word).toString(16).padStart(40, '0')}`
}

function isZero(address: string): boolean {
  return /^0x0*$/.test(address)
}
