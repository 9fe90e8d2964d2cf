import type { Format } from '../credential/model.ts'

/** `reserved` until signed, `durable` until sent; `refused`: set aside, the clerk is told. */
export type CopyState = 'reserved' | 'durable' | 'sent' | 'anchored' | 'final' | 'refused'

/** One format of one copy, from its reservation on. */
export type CopyRecord = {
  /** Append-only, from 1, oldest first. */
  readonly id: number
  readonly issuer: string
  /** Caller's idempotency key and the copy's number under it. */
  readonly idempotencyKey: string
  /** Digest of the request under that key: the same key with another request is refused. */
  readonly requestHash: string
  readonly copy: number
  readonly format: Format
  /** Certificate type's URI. */
  readonly certificateType: string
  /** Certificate identifier (GB/T 36904 or the type's own number), unique per issuer and version. */
  readonly certificate: string
  readonly list: number
  readonly index: number
  readonly keyThumbprint: string
  readonly signingInput: string
  readonly disclosures: readonly string[]
  readonly fingerprint: Uint8Array
  /** Fingerprint of the copy that this one replaces, hex. */
  readonly replaces: string | undefined
  readonly plannedAt: Date
  readonly signature: Uint8Array | undefined
  /** Number of the batch in the issuer's sequence, once it is in one. */
  readonly sequence: number | undefined
  readonly state: CopyState
}

/** A copy before the store numbers it. */
export type PlannedCopy = Omit<CopyRecord, 'id' | 'signature' | 'sequence' | 'state'>

/** The department's own record of what it issued. Every promise is kept by an fsync before it resolves. */
export interface CertificateStore {
  /**
   * Records plans in one transaction, before anything is signed.
   *
   * @returns the new ids in order.
   * @throws {InputError} `store/duplicate` if an idempotency key, copy and format is taken.
   */
  plan(copies: readonly PlannedCopy[]): Promise<number[]>
  /**
   * Adds signatures, 64 bytes each, in one transaction; a signature once set never changes.
   *
   * @param signatures `fingerprint`: of what was signed.
   * @throws {InputError} `store/duplicate` if one is signed already, or was planned anew meanwhile; then
   * none is added.
   */
  sign(
    signatures: readonly { id: number; signature: Uint8Array; fingerprint?: Uint8Array }[],
  ): Promise<void>
  /** Copies under these idempotency keys, in id order. */
  byKeys(issuer: string, idempotencyKeys: readonly string[]): Promise<CopyRecord[]>
  /** Copies of these certificate identifiers, in id order. */
  byCertificates(issuer: string, certificates: readonly string[]): Promise<CopyRecord[]>
  /** Copies by fingerprint, in no order; unknown ones are absent. */
  byFingerprints(issuer: string, fingerprints: readonly Uint8Array[]): Promise<CopyRecord[]>
  /** Copies with `id > after`, in id order, at most `limit`; with `state`, only those. */
  scan(issuer: string, after: number, limit: number, state?: CopyState): Promise<CopyRecord[]>
}

/** Forgetting what a certificate says. */
export interface ErasureStore {
  /**
   * Empties payload (`signingInput`), disclosures, signature, identifier, idempotency key and request digest
   * of copies, for good: also in the log and in free pages of a store in one file. Number, fingerprint, type,
   * key, status entry and batch stay, so that what is anchored still fits.
   *
   * @throws {InputError} `store/wrong-state` if one is not in a final batch; then nothing changes.
   */
  erase(issuer: string, ids: readonly number[]): Promise<void>
}
