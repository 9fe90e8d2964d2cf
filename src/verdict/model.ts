import type { AccreditationChain } from '../accreditation/model.ts'
import type { AnchorRecord, InclusionProof, StateProof } from '../anchor/model.ts'
import type { PublicJwk } from '../credential/model.ts'
import type { Code } from '../errors.ts'
import type { BlockRef, ChainIdentity, DepartmentRecord, KeyRecord } from '../identity/model.ts'
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

/** What the chain says about one credential, all at the evidence's block. */
export type CredentialFacts = {
  /** The record of the key that signed, by its thumbprint; undefined: not registered. */
  readonly key: KeyRecord | undefined
  /** Records of the issuer for this type; empty: none. */
  readonly accreditations: readonly AccreditationChain[]
  readonly anchor: { readonly record: AnchorRecord; readonly proof: InclusionProof } | undefined
  /**
   * Why there is no anchor: every batch was searched (`searched`), there are batches that this node
   * does not hold yet (`behind`), or nobody gave a proof and there is no mirror to search (`no-proof`).
   */
  readonly absence: 'searched' | 'behind' | 'no-proof'
  /** Undefined where the credential has no place in a list. */
  readonly status: Status | undefined
}

/** What was gathered about one credential. */
export type GatheredCredential = {
  /**
   * Where a credential names its key by `kid`: the key, from wherever it was found. It counts only by
   * its thumbprint, so the place need not be trusted. Undefined with `x5c`, and if none was found.
   */
  readonly jwk: PublicJwk | undefined
  /** The issuer, by the DID of the credential; undefined: no department of this registry. */
  readonly department: DepartmentRecord | undefined
  /** Undefined: nothing more was read, since the signature does not hold or could not be checked. */
  readonly facts: CredentialFacts | undefined
}

/**
 * What this process read from its own view of the chain. Only `readEvidence` makes one that counts: a
 * copy, or one read from a file, is nobody's word.
 */
export type ReadEvidence = {
  readonly kind: 'read'
  /** What the holder handed over, as text. */
  readonly input: string
  /** The moment asked about when reading: `block` is the last final one at or before it. */
  readonly asked: Date
  readonly block: BlockRef
  /** In the order of the presentation. */
  readonly credentials: readonly GatheredCredential[]
}

/** What a saved file says about one credential: where to look in the proven storage. */
export type FiledCredential = {
  readonly jwk: PublicJwk | undefined
  /** The batch, the leaf's place in it, and the batches after it in its group of 16. */
  readonly anchor:
    | {
        readonly record: AnchorRecord
        readonly proof: InclusionProof
        readonly following: readonly AnchorRecord[]
      }
    | undefined
  /** Which of the issuer's records for the type to look at, by index. */
  readonly accreditations: readonly number[]
}

/** Evidence from a file: facts are read from its proofs, under a header that the policy must know. */
export type FiledEvidence = {
  readonly kind: 'filed'
  readonly input: string
  readonly proof: StateProof
  readonly credentials: readonly FiledCredential[]
}

export type Evidence = ReadEvidence | FiledEvidence

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
  /** The contracts whose storage counts in a saved file, from the deployment file. */
  readonly deployment?: ChainIdentity
  /** How long after its block a saved file, or after its reading other evidence, still tells a status; default 600. */
  readonly maxEvidenceAgeSeconds?: number
}
