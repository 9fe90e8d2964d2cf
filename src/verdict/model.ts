import type { AccreditationChain } from '../accreditation/model.ts'
import type { AnchorRecord, InclusionProof } from '../anchor/model.ts'
import type { Code } from '../errors.ts'
import type { BlockRef, DepartmentRecord, KeyRecord } from '../identity/model.ts'
import type { Status } from '../status/model.ts'

export type Outcome = 'valid' | 'invalid' | 'unknown'

/** The checks, in the order in which they are made and shown. */
export const checkNames = [
  'form',
  'signature',
  'holderBinding',
  'validityPeriod',
  'evidence',
  'issuer',
  'key',
  'anchor',
  'signingTime',
  'accreditation',
  'status',
] as const
export type CheckName = (typeof checkNames)[number]

/** One finding; its sentence in zh and en is `messages/*.json` under `code`. */
export type Check = {
  readonly name: CheckName
  readonly outcome: 'pass' | 'fail' | 'unknown'
  readonly code: Code
}

export type CredentialVerdict = {
  /** 64 hex digits. */
  readonly fingerprint: string
  readonly outcome: Outcome
  readonly checks: readonly Check[]
}

/** Any fail: invalid; else any unknown: unknown; else valid. */
export type Verdict = {
  readonly outcome: Outcome
  /** The moment that the verdict speaks of. */
  readonly at: Date
  /** Checks on the presentation as a whole (form, holder binding). */
  readonly checks: readonly Check[]
  readonly credentials: readonly CredentialVerdict[]
}

/** What the chain says about one credential, all at `Evidence.block`. */
export type CredentialFacts = {
  readonly department: DepartmentRecord | undefined
  /** The key whose thumbprint belongs to `x5c`'s leaf or to `kid`; undefined: not registered. */
  readonly key: KeyRecord | undefined
  /** Records of the issuer for this type; empty: none. */
  readonly accreditations: readonly AccreditationChain[]
  readonly anchor: { readonly record: AnchorRecord; readonly proof: InclusionProof } | undefined
  readonly status: Status
}

/** What a verifier asks beside "is it good": kept with the verifier, never taken from the input. */
export type Policy = {
  /** The moment asked about. */
  readonly at: Date
  /** A presentation to this verifier, or only whether the certificate itself is good. */
  readonly question:
    | { readonly kind: 'certificate' }
    | {
        readonly kind: 'presentation'
        readonly nonce: string
        readonly audience: string
        /** Key binding older than this is refused; default 300. */
        readonly maxAgeSeconds?: number
        /** Every credential must be bound to the same holder key. */
        readonly sameHolder?: boolean
      }
  /** CAIP-2 chain that this verifier trusts, `eip155:<id>`. */
  readonly chain: string
  /** Seconds from signing to anchoring that are accepted; default 30 days. */
  readonly maxAnchorDelaySeconds?: number
  /** Block hashes that the verifier kept; a saved file's header must be among them. */
  readonly pinnedHeaders?: readonly string[]
  /** Age in seconds of the evidence's block against `at` beyond which chain checks are unknown. */
  readonly maxBlockAgeSeconds?: number
}
