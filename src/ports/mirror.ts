import type { AccreditationChain } from '../accreditation/model.ts'
import type { AnchorRecord } from '../anchor/model.ts'
import type { BlockRef, ChainIdentity, DepartmentRecord, KeyRecord } from '../identity/model.ts'
import type { Erc1056Source } from '../identity/resolver.ts'
import type { ChainView } from './chain.ts'

/** A batch's leaves as its department serves them, once they were checked against the chain. */
export type LeafFile = {
  readonly issuer: string
  readonly sequence: number
  /** `0x` and 64 hex digits; what the leaves hash to. */
  readonly root: string
  /** Leaf hashes in ascending byte order, 32 bytes each, one after another. */
  readonly leaves: Uint8Array
}

/** Where one leaf stands. */
export type LeafPlace = {
  readonly issuer: string
  readonly sequence: number
  readonly root: string
  readonly size: number
  readonly index: number
  /** 32 bytes. */
  readonly leaf: Uint8Array
}

/** A leaf with its sibling hashes, leaf level first. */
export type ProvenPlace = LeafPlace & { readonly path: readonly Uint8Array[] }

/** The first bits of a leaf hash: `0 <= bits <= 48`, `value` the number that they spell. */
export type LeafPrefix = { readonly bits: number; readonly value: number }

/**
 * Leaf files of all departments, found by the first bits of a leaf. What leaf files hold are leaf hashes,
 * so these are what is looked up; whoever knows a fingerprint computes its leaf.
 */
export interface LeafStore {
  /** Keeps a checked file in one transaction; one of the same batch with another root is replaced. */
  put(file: LeafFile): Promise<void>
  /** Batches kept of an issuer with `sequence > after`, in order. */
  kept(
    issuer: string,
    after: number,
    limit: number,
  ): Promise<readonly Pick<LeafPlace, 'sequence' | 'root' | 'size'>[]>
  file(issuer: string, sequence: number): Promise<LeafFile | undefined>
  /** Leaves that begin so, in ascending order, at most `limit`. */
  range(prefix: LeafPrefix, limit: number): Promise<readonly LeafPlace[]>
  /** The same with each leaf's path to its root. */
  proofs(prefix: LeafPrefix, limit: number): Promise<readonly ProvenPlace[]>
  /** How many leaves are kept, padding included. */
  count(): Promise<number>
}

/** One event of the contracts; integers as decimal text, bytes as lower-case hex. */
export type ChainEvent = {
  readonly block: number
  /** Seconds since 1970 of the block. */
  readonly seconds: number
  readonly transactionIndex: number
  readonly logIndex: number
  readonly contract: string
  readonly name: string
  readonly args: Readonly<Record<string, string>>
}

/** Events up to a head, or, with `isBack`, that the chain fell back to this head. */
export type ChainStep = {
  readonly head: BlockRef
  readonly events: readonly ChainEvent[]
  readonly isBack: boolean
}

/** What was read of a chain, in the order of reading; a reader that died goes on where it ends. */
export interface ChainJournal {
  /** @param chain names chain and contracts: steps of another one are never mixed in. */
  steps(chain: string): Promise<readonly ChainStep[]>
  /** Adds one step; once this resolves it is synced. */
  append(chain: string, step: ChainStep): Promise<void>
  /** Forgets every step of this chain. */
  clear(chain: string): Promise<void>
}

/** Who is who and who was what, at one block. Addresses are lower-case `0x` hex. */
export interface ChainPast {
  readonly view: ChainView
  /** Every department that was ever registered, oldest first. */
  departments(): Promise<readonly string[]>
  /** What a department's record was, each with the block since when. */
  records(
    department: string,
  ): Promise<readonly { readonly since: number; readonly record: DepartmentRecord }[]>
  /** Every key ever confirmed for a department, oldest first, each with its window. */
  keys(department: string): Promise<readonly KeyRecord[]>
  /** Every accreditation ever given to a department, each with the records that it rests on. */
  accreditations(department: string): Promise<readonly AccreditationChain[]>
  /** Every word of a status list that was ever written, by its number. */
  words(issuer: string, list: number): Promise<ReadonlyMap<number, bigint>>
  /** Batches with `sequence > after`, in order. */
  anchors(issuer: string, after: number, limit: number): Promise<readonly AnchorRecord[]>
}

/** A chain that is followed into a journal. Reading asks no node; only `sync` and a DID's version do. */
export interface FollowedChain {
  readonly identity: ChainIdentity
  /** How often final blocks fell back since this was opened. */
  readonly reorganisations: number
  /** Reads what became final since. @throws {OutsideError} `chain/*` @throws {TrustError} `chain/*` */
  sync(): Promise<void>
  /** Reads what an earlier process kept, asking no node. */
  open(): Promise<void>
  /** What was read so far; undefined: nothing yet. */
  past(): ChainPast | undefined
  /** ERC-1056 events as far as they were read. @throws {OutsideError} `chain/behind` before the first sync. */
  readonly dids: Erc1056Source
}
