import type { InclusionProof } from '../anchor/model.ts'
import type { CertificateType } from '../certificate/model.ts'
import type { Format, JsonObject, PublicJwk, StatusPosition } from '../credential/model.ts'
import type { InputError, TrustError } from '../errors.ts'
import type { AuditStore } from '../ports/audit.ts'
import type { CertificateStore, CopyState } from '../ports/certificates.ts'
import type { Chain } from '../ports/chain.ts'
import type { AnchorWriter } from '../ports/chainWriters.ts'
import type { Clock } from '../ports/clock.ts'
import type { ListStore } from '../ports/lists.ts'
import type { OutboxStore, QueueStore } from '../ports/outbox.ts'
import type { Signer, Workers } from '../ports/signing.ts'
import type { Hook } from './steps.ts'

/** A department as issuer: plain data and its doors. */
export type Issuer = {
  readonly department: {
    readonly did: string
    /** Original did:ethr address, lower-case `0x` hex. */
    readonly address: string
    /** Social credit code, for types whose identifier is an e-licence number. */
    readonly code?: string
  }
  readonly types: readonly CertificateType[]
  /** The next key may come in at any time: whoever needs the same one twice reads it once. */
  readonly signer: Signer
  readonly workers: Workers
  readonly certificates: CertificateStore
  readonly queue: QueueStore
  readonly outbox: OutboxStore
  readonly lists: ListStore
  readonly audit: AuditStore
  readonly chain: Chain
  readonly writer: AnchorWriter
  readonly clock: Clock
  /** Base address of the published status lists; without it no `status_list` or `credentialStatus` is written. */
  readonly statusBase?: string
  /** Who acts, for the audit log; default `issuer`. */
  readonly actor?: string
  /** Told of each step, see `steps.ts`. */
  readonly at?: Hook
}

/** One wish for a certificate: one holder key a copy, every copy in each format. */
export type CertificateRequest = {
  /** 1 to 200 characters; the same key with the same request gives the same certificate. */
  readonly idempotencyKey: string
  /** Id or URI of the certificate type. */
  readonly type: string
  readonly claims: JsonObject
  /** One copy for each key; left out: one copy bound to no key. */
  readonly holderKeys?: readonly PublicJwk[]
  /** At least one; default `vc+jwt` and `dc+sd-jwt`. */
  readonly formats?: readonly Format[]
  /** Default now. */
  readonly validFrom?: Date
  /** Default as the type says. */
  readonly validUntil?: Date
  /** Certificate identifier; default one of the type's own making. */
  readonly certificate?: string
}

/** One format of one copy, signed and stored. */
export type IssuedCredential = {
  /** The store's number. */
  readonly id: number
  readonly idempotencyKey: string
  readonly copy: number
  readonly format: Format
  /** Certificate identifier. */
  readonly certificate: string
  readonly certificateType: string
  readonly token: string
  /** 64 hex digits. */
  readonly fingerprint: string
  readonly status: StatusPosition
  readonly state: CopyState
}

/** An issued credential and where its fingerprint stands in an anchored batch. */
export type AnchoredCredential = IssuedCredential & { readonly proof: InclusionProof }

/** What became of one request, in the order of the requests; a bad one does not stop the others. */
export type Answer =
  | { readonly idempotencyKey: string; readonly credentials: readonly IssuedCredential[] }
  | { readonly idempotencyKey: string; readonly error: InputError | TrustError }

/** How anchoring is done. */
export type AnchorOptions = {
  /** Most copies in a batch; default 100,000. */
  readonly maxBatch?: number
}

/**
 * What one step of anchoring did. `nothing`: nothing waits; `stale`: only copies wait that must be
 * signed anew; `waiting`: the chain has not taken or finalised the batch yet.
 */
export type AnchorStep = {
  readonly did:
    | 'nothing'
    | 'stale'
    | 'built'
    | 'sent'
    | 'waiting'
    | 'included'
    | 'reorganised'
    | 'dropped'
    | 'final'
  readonly sequence: number | undefined
}

/** How issuing is done. */
export type IssueOptions = {
  /** Verifies every signature before it is stored; always done for a remote signer. */
  readonly verifyEvery?: boolean
  /** Requests that are planned, signed and stored together; default 2,000. */
  readonly chunk?: number
  /** Told after each chunk; `done` includes `refused`. */
  readonly progress?: (count: { readonly done: number; readonly refused: number }) => void
}
