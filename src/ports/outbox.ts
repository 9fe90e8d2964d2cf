import type { StatusChange } from '../status/model.ts'
import type { CopyRecord } from './certificates.ts'
import type { SignedTransaction } from './chainWriters.ts'

/** What anchoring needs of a copy; no payload, so that a batch of 10,000 is read in milliseconds. */
export type QueuedCopy = Pick<
  CopyRecord,
  'id' | 'idempotencyKey' | 'certificateType' | 'keyThumbprint' | 'fingerprint' | 'replaces'
>

/** The same copies as CertificateStore's, on their way into a batch. */
export interface QueueStore {
  /** Durable copies in no batch with `id > after`, in id order, at most `limit`. */
  waiting(issuer: string, after: number, limit: number): Promise<QueuedCopy[]>
  /** Members of a batch, in id order. */
  members(issuer: string, sequence: number): Promise<QueuedCopy[]>
  /** Sets copies aside or takes them back: `durable` to `refused` and the reverse; others are left alone. */
  setRefused(ids: readonly number[], refused: boolean): Promise<void>
  /**
   * Replaces the plans of copies that no batch holds, in one transaction: signature cleared, state
   * `reserved`. For a key that was retired or compromised before the copies were anchored.
   *
   * @param copies `was`: the fingerprint of the plan that this one is made from.
   * @throws {InputError} `store/duplicate` if a copy is in a batch already, or has another plan than the one
   * that it `was`; then nothing changes.
   */
  replan(
    copies: readonly (Pick<
      CopyRecord,
      'id' | 'keyThumbprint' | 'signingInput' | 'disclosures' | 'fingerprint' | 'replaces'
    > & { readonly plannedAt: Date; readonly was?: Uint8Array })[],
  ): Promise<void>
}

/** A batch on its way to the chain. */
export type Batch = {
  readonly issuer: string
  readonly sequence: number
  readonly previous: string
  readonly root: string
  readonly size: number
  /** Leaf hashes in ascending byte order, 32 bytes each, one after another; empty for changes only. */
  readonly leaves: Uint8Array
  readonly changes: readonly StatusChange[]
  readonly transaction: SignedTransaction | undefined
  readonly state: 'built' | 'sent' | 'anchored' | 'final'
}

/** What waits for the chain. Sequences have no gap; the store refuses a second batch of one sequence. */
export interface OutboxStore {
  /**
   * Stores a batch with its members and the status requests it carries, in one transaction.
   *
   * @throws {InputError} `store/duplicate` if the sequence exists or a member is in another batch.
   */
  addBatch(batch: Batch, members: readonly number[], requests: readonly number[]): Promise<void>
  /** Stores the signed bytes before they are sent; over older bytes only once their nonce is spent. */
  setTransaction(issuer: string, sequence: number, transaction: SignedTransaction): Promise<void>
  /**
   * Moves a batch and its members; back to `sent` too, after a reorganisation, but never from `final`.
   *
   * @returns whether it was in another state before; of several callers one is told so.
   */
  setState(issuer: string, sequence: number, state: Batch['state']): Promise<boolean>
  /** Batches in these states, by sequence. */
  batches(issuer: string, states: readonly Batch['state'][], limit: number): Promise<Batch[]>
  /** One batch, for its leaves. */
  batch(issuer: string, sequence: number): Promise<Batch | undefined>
  /**
   * Removes a batch that is `built` or `sent`, frees its members (`durable` again) and requests, and
   * takes its words back. The caller knows that the chain never took it and never will.
   */
  dropBatch(issuer: string, sequence: number): Promise<void>
}
