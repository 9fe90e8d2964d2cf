import type { Status } from '../status/model.ts'

/** A wish to change one entry, from its approval until the chain shows it. */
export type StatusRequest = {
  readonly id: number
  readonly issuer: string
  readonly list: number
  readonly index: number
  readonly to: Status
  /**
   * Idempotency key of the successor for `superseded`: known before the successor is planned and the
   * same after it was signed anew. All copies under it and this request go into one batch.
   */
  readonly successor: string | undefined
  readonly reason: string
  readonly legalBasis: string
  readonly operator: string
  readonly approver: string | undefined
  readonly requestedAt: Date
  readonly sequence: number | undefined
}

/** Status lists, their entries, and the changes that wait. */
export interface ListStore {
  /** Takes `count` fresh entries from the open list, opening the next when it is full; never one twice. */
  allocate(
    issuer: string,
    count: number,
  ): Promise<{ list: number; counter: number; key: Uint8Array }[]>
  /** Closes all lists for good (an old backup was restored); the next allocation opens list `atLeast` or above. */
  fence(issuer: string, atLeast: number): Promise<void>
  addRequests(requests: readonly Omit<StatusRequest, 'id' | 'sequence'>[]): Promise<number[]>
  /** Requests in no batch yet, oldest first. */
  pendingRequests(issuer: string, limit: number): Promise<StatusRequest[]>
  /** The word as all batches so far leave it (not yet on the chain perhaps). */
  word(issuer: string, list: number, word: number): Promise<bigint>
  /** Requests for one entry, oldest first. */
  requestsFor(issuer: string, list: number, index: number): Promise<StatusRequest[]>
}

/** Which status lists there are. */
export interface ListIndex {
  /** Number of the newest list that entries were, or before a fence may have been, taken from; undefined: none. */
  newestList(issuer: string): Promise<number | undefined>
}
