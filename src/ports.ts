import type { AccreditationChain } from './accreditation/model.ts'
import type { AnchorRecord, InclusionProof, StateProof, StorageSlot } from './anchor/model.ts'
import type { CredentialDraft, Format, PreparedCredential, PublicJwk } from './credential/model.ts'
import type { AdministrationCall, Operation, RegistryCall } from './identity/calls.ts'
import type {
  BlockRef,
  ChainIdentity,
  DepartmentRecord,
  KeyPurpose,
  KeyRecord,
} from './identity/model.ts'
import type { Status, StatusChange } from './status/model.ts'

// Their home is the floor that verifies them.
export type { StateProof, StorageSlot } from './anchor/model.ts'

/** The time now. */
export type Clock = () => Date

/** What a signer may be asked to sign; the token's `typ` must fit, so it is no oracle for other bytes. */
export type SigningKind =
  | 'credential'
  | 'status-list'
  | 'request'
  | 'key-binding'
  | 'presentation'
  | 'key-proposal'

/** The public side of a signing key. */
export type SignerKey = {
  readonly did: string
  /** Full DID URL. */
  readonly kid: string
  /** RFC 7638 SHA-256 thumbprint, `0x` and 64 hex digits. */
  readonly thumbprint: string
  readonly jwk: PublicJwk
  readonly alg: string
  readonly purpose: KeyPurpose | 'holder'
  /** DER certificates, leaf first, never the root. */
  readonly x5c: readonly Uint8Array[]
}

/** A private key, wherever it lives. */
export interface Signer {
  readonly key: SignerKey
  /** Whether signing leaves this process (a service or an HSM); then every signature is verified. */
  readonly isRemote: boolean
  /**
   * Signs each input in order, on all cores where the key is local.
   *
   * @param inputs JWS signing inputs (ASCII).
   * @returns raw signatures, r || s, 64 bytes for ES256.
   * @throws {InputError} `key/wrong-kind` if an input's `typ` does not belong to `kind` or to the key's purpose.
   * @throws {OutsideError} `key/unavailable` if a remote signer does not answer; never another key instead.
   */
  sign(kind: SigningKind, inputs: readonly string[]): Promise<Uint8Array[]>
  close(): Promise<void>
}

/** Pure work on all cores. Results stand in the order of the inputs. */
export interface Workers {
  /** Encodes each draft and lints the bytes by reading them back; see `credential/prepare.ts`. */
  prepare(drafts: readonly CredentialDraft[]): Promise<PreparedCredential[]>
  /** Verifies ES256 signatures over signing inputs. */
  verifySignatures(
    checks: readonly { key: PublicJwk; signingInput: string; signature: Uint8Array }[],
  ): Promise<boolean[]>
  close(): Promise<void>
}

/** Who is who, at one block. */
export interface IdentityReader {
  department(address: string): Promise<DepartmentRecord | undefined>
  key(thumbprint: string): Promise<KeyRecord | undefined>
}

/** Who may issue which type, at one block; every record with the links it rests on. */
export interface AccreditationReader {
  accreditations(
    department: string,
    certificateType: string,
  ): Promise<readonly AccreditationChain[]>
}

/** What is anchored, at one block. */
export interface AnchorReader {
  /** The issuer's newest batch; sequence 0 and a zero link where there is none. */
  lastAnchor(issuer: string): Promise<{ sequence: number; link: string }>
  anchor(issuer: string, sequence: number): Promise<AnchorRecord | undefined>
}

/** Status words, at one block. */
export interface StatusReader {
  statusWord(issuer: string, list: number, word: number): Promise<bigint>
}

/** The chain at one final block: everything read through it is true at `block`. */
export interface ChainView extends IdentityReader, AccreditationReader, AnchorReader, StatusReader {
  readonly block: BlockRef
}

/** A chain that is who the deployment file says. */
export interface Chain {
  readonly identity: ChainIdentity
  /**
   * The last final block, or the last final one at or before `at`.
   *
   * @throws {OutsideError} `chain/unreachable`, `chain/behind`.
   * @throws {TrustError} `chain/wrong-chain` where chain id, genesis or code differ from the deployment file.
   */
  view(at?: Date): Promise<ChainView>
  /** Account and storage proofs of `slots` under the last final block's header (EIP-1186). */
  prove(slots: readonly StorageSlot[]): Promise<StateProof>
}

/** Leaves of a batch that this node keeps, mirrored and checked against the chain. */
export interface LeafReader {
  proof(issuer: string, fingerprint: Uint8Array): Promise<InclusionProof | undefined>
  /**
   * Whether the leaves of every batch up to `sequence` are kept, so that a fingerprint not found was not
   * anchored. Where nobody can say, a missing proof stays unknown.
   */
  holdsUpTo?(issuer: string, sequence: number): Promise<boolean>
}

/** What one call of AnchorRegistry writes. */
export type AnchorCall = {
  readonly issuer: string
  readonly sequence: number
  readonly previous: string
  /** `0x` and 64 hex digits, zero for status changes only. */
  readonly root: string
  readonly size: number
  readonly changes: readonly StatusChange[]
}

/** Bytes that are stored before they are sent, and sent again until the chain's state shows them. */
export type SignedTransaction = {
  readonly raw: string
  readonly hash: string
  readonly nonce: number
}

/** Writes anchors from one account, one transaction in flight. */
export interface AnchorWriter {
  /** Signs; sends nothing. @throws {OutsideError} `chain/unreachable`, `chain/would-revert` */
  prepare(call: AnchorCall): Promise<SignedTransaction>
  /** Sends the same bytes, as often as asked; a lost or refused reply says nothing about the chain. */
  send(transaction: SignedTransaction): Promise<void>
  /** The account's next nonce at the last final block. */
  nonce(): Promise<number>
  /** The issuer's newest batch at the newest block, which need not be final; sequence 0 where there is none. */
  latest(issuer: string): Promise<{ sequence: number; link: string }>
}

/**
 * Writes DepartmentRegistry from one account. Every method resolves once the state at a final block shows
 * the effect, at once where it does already, so that repeating a call after a crash is harmless.
 *
 * @throws {InputError} `registry/...` where the contract refuses.
 * @throws {OutsideError} `chain/not-final-yet`, `chain/unreachable`: it may still happen.
 * @throws {TrustError} `chain/wrong-chain`, `chain/wrong-code`
 */
export interface RegistryWriter {
  /** Lower-case `0x` hex. */
  readonly account: string
  write(call: RegistryCall): Promise<void>
  /** Proposes and approves; a call that this account proposed and that is open still is not proposed twice. */
  propose(call: AdministrationCall): Promise<Operation>
  approve(id: number): Promise<Operation>
  execute(id: number): Promise<void>
  operation(id: number): Promise<Operation | undefined>
}

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
  /** Adds signatures, 64 bytes each, in one transaction; a signature once set never changes. */
  sign(signatures: readonly { id: number; signature: Uint8Array }[]): Promise<void>
  /** Copies under these idempotency keys, in id order. */
  byKeys(issuer: string, idempotencyKeys: readonly string[]): Promise<CopyRecord[]>
  /** Copies of these certificate identifiers, in id order. */
  byCertificates(issuer: string, certificates: readonly string[]): Promise<CopyRecord[]>
  /** Copies by fingerprint, in no order; unknown ones are absent. */
  byFingerprints(issuer: string, fingerprints: readonly Uint8Array[]): Promise<CopyRecord[]>
  /** Copies with `id > after`, in id order, at most `limit`; with `state`, only those. */
  scan(issuer: string, after: number, limit: number, state?: CopyState): Promise<CopyRecord[]>
}

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
   * @throws {InputError} `store/duplicate` if a copy is in a batch already; then nothing changes.
   */
  replan(
    copies: readonly (Pick<
      CopyRecord,
      'id' | 'keyThumbprint' | 'signingInput' | 'disclosures' | 'fingerprint' | 'replaces'
    > & { readonly plannedAt: Date })[],
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
  /** Moves a batch and its members; back to `sent` too, after a reorganisation, but never from `final`. */
  setState(issuer: string, sequence: number, state: Batch['state']): Promise<void>
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

/** What a holder keeps. */
export type HeldRecord = {
  /** Fingerprint, hex. */
  readonly id: string
  readonly token: string
  readonly proof: InclusionProof | undefined
  readonly receivedAt: Date
}

export interface HolderStore {
  put(record: HeldRecord): Promise<void>
  get(id: string): Promise<HeldRecord | undefined>
  list(): Promise<HeldRecord[]>
  remove(id: string): Promise<void>
}

/** One line of who did what; no claims. */
export type AuditEntry = {
  readonly at: Date
  readonly actor: string
  readonly action: string
  /** Digest, address or sequence; never a person. */
  readonly subject: string
  readonly detail: Readonly<Record<string, string | number | boolean>>
}

/** Append-only and hash-chained. */
export interface AuditStore {
  append(entries: readonly AuditEntry[]): Promise<void>
  scan(after: number, limit: number): Promise<{ id: number; hash: string; entry: AuditEntry }[]>
}
