/** What an accreditation allows; DepartmentRegistry stores a bit set, issue 1, accredit 2. */
export type AccreditationRight = 'issue' | 'accredit'

/** One accreditation window; append-only on the chain. */
export type AccreditationRecord = {
  readonly department: string
  /** SHA-256 of the certificate type's URI in UTF-8, `0x` and 64 hex digits. */
  readonly certificateType: string
  /** Position among this department's records for this type, from 0. */
  readonly index: number
  readonly rights: readonly AccreditationRight[]
  readonly from: Date
  readonly until: Date
  readonly withdrawnAt: Date | undefined
  /** When `department` itself was removed from the registry; its records end then too. */
  readonly removedAt: Date | undefined
  /** The accreditor, and which of its records for the same type this one rests on; undefined at a root. */
  readonly by: { readonly department: string; readonly index: number } | undefined
  /** Links from a root, which is 0; at most 4. */
  readonly depth: number
}

/** A record and those that it rests on, the root last. */
export type AccreditationChain = readonly AccreditationRecord[]
