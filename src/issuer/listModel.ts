import type { ListKind } from '../certificate/listAddress.ts'
import type { Chain } from '../ports/chain.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer } from '../ports/signing.ts'
import type { ListForm } from './signList.ts'

/** A department as publisher of its status lists: plain data and its doors. */
export type ListPublisher = {
  /** Original did:ethr address, and the DID made of it. */
  readonly department: { readonly did: string; readonly address: string }
  /** Purpose `status`; undefined: nothing can be published. It may be exchanged at any time. */
  readonly signer: Signer | undefined
  /** A mirror: each list takes 1,024 readings. */
  readonly chain: Chain
  /** What the addresses of its lists begin with, see `listAddress`. */
  readonly base: string
  /** Number of the newest list that a certificate stands in. */
  readonly newestList: () => Promise<number | undefined>
  readonly clock: Clock
}

/** Which list is wanted, and how. */
export type ListWish = {
  readonly list: number
  readonly kind: ListKind
  readonly form: ListForm
  /** A past moment; undefined: now. */
  readonly at?: Date | undefined
}

/** A list as it goes over the wire. */
export type PublishedList = {
  readonly body: string
  readonly form: ListForm
  /** SHA-256 of the body, base64url. */
  readonly digest: string
  /** Seconds for which it may be kept; a past one for good. */
  readonly maxAge: number
}

/** Publishes what the chain says; made by `publishLists`. */
export type StatusLists = {
  /**
   * A whole list, as the last final block says or the last one at or before `at`.
   *
   * @throws {InputError} `status/no-list`; `status/no-such-time` for a moment that the chain does not
   *   reach back to, or that is yet to come.
   * @throws {OutsideError} `status/list-unavailable` without a usable key; those of the chain once the
   *   last list read from it ran out.
   */
  published(wish: ListWish): Promise<PublishedList>
  /**
   * Milliseconds since the chain was read for the lists, after trying to read it now.
   *
   * @throws {OutsideError} `status/list-unavailable`, or what the chain threw if it was never read.
   */
  age(): Promise<number>
}
