import type { AccreditationRecord, AccreditationRight } from '../../accreditation/model.ts'
import type { DepartmentRecord, KeyPurpose, KeyRecord } from '../../identity/model.ts'

/** Purposes by the number that the contract stores. */
export const purposes: readonly KeyPurpose[] = ['assertion', 'status', 'request']

const zeroAddress = `0x${'0'.repeat(40)}`

/** Seconds of a contract as a date; 0 means that it never happened. */
export function dateOf(seconds: bigint): Date | undefined {
  return seconds === 0n ? undefined : new Date(Number(clamped(seconds)) * 1000)
}

/** A time that is always set; times beyond what a date can say become the last one that it can. */
export function timeOf(seconds: bigint): Date {
  return new Date(Number(clamped(seconds)) * 1000)
}

/** Struct `Department`; undefined: not registered. */
export function departmentOf(
  department: string,
  struct: {
    account: string
    accreditor: string
    registeredAt: bigint
    removedAt: bigint
  },
): DepartmentRecord | undefined {
  if (struct.registeredAt === 0n) return undefined
  return {
    department,
    account: struct.account.toLowerCase(),
    accreditor: addressOrNone(struct.accreditor),
    registeredAt: timeOf(struct.registeredAt),
    removedAt: dateOf(struct.removedAt),
  }
}

/** Struct `Key` and when its epoch was recovered; undefined: not registered, or of a purpose we do not know. */
export function keyOf(
  thumbprint: string,
  struct: {
    department: string
    purpose: bigint
    certificateHash: string
    validFrom: bigint
    retiredAt: bigint
    compromisedSince: bigint
  },
  recoveredAt: bigint,
): KeyRecord | undefined {
  const purpose = purposes[Number(struct.purpose) - 1]
  if (struct.validFrom === 0n || purpose === undefined) return undefined
  return {
    department: struct.department.toLowerCase(),
    thumbprint,
    purpose,
    certificateHash: struct.certificateHash.toLowerCase(),
    validFrom: timeOf(struct.validFrom),
    retiredAt: earlier(dateOf(struct.retiredAt), dateOf(recoveredAt)),
    compromisedSince: dateOf(struct.compromisedSince),
  }
}

/** Struct `Accreditation` and when its department was removed. */
export function accreditationOf(
  place: { department: string; certificateType: string; index: number },
  struct: {
    from: bigint
    until: bigint
    withdrawnAt: bigint
    rights: bigint
    depth: bigint
    by: string
    byIndex: bigint
  },
  removedAt: Date | undefined,
): AccreditationRecord {
  const by = addressOrNone(struct.by)
  return {
    ...place,
    rights: rightsOf(Number(struct.rights)),
    from: timeOf(struct.from),
    until: timeOf(struct.until),
    withdrawnAt: dateOf(struct.withdrawnAt),
    removedAt,
    by: by === undefined ? undefined : { department: by, index: Number(struct.byIndex) },
    depth: Number(struct.depth),
  }
}

/** Rights of a bit set. */
export function rightsOf(bits: number): AccreditationRight[] {
  const rights: AccreditationRight[] = []
  if (bits & 1) rights.push('issue')
  if (bits & 2) rights.push('accredit')
  return rights
}

/** The earlier of two moments, each of which may never have come. */
export function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}

/** Lower-case; the zero address is nobody. */
export function addressOrNone(address: string): string | undefined {
  return address === zeroAddress ? undefined : address.toLowerCase()
}

const lastSecond = 8_640_000_000_000n

function clamped(seconds: bigint): bigint {
  return seconds > lastSecond ? lastSecond : seconds
}

/** Rights as the bit set that the contract stores. */
export function bitsOf(rights: readonly AccreditationRight[]): number {
  return (rights.includes('issue') ? 1 : 0) | (rights.includes('accredit') ? 2 : 0)
}
