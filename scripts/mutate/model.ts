import type { AccreditationChain } from '../../src/accreditation/model.ts'
import type { AnchorRecord, InclusionProof } from '../../src/anchor/model.ts'
import type { Format, PublicJwk } from '../../src/credential/model.ts'
import type {
  BlockRef,
  ChainIdentity,
  DepartmentRecord,
  KeyRecord,
} from '../../src/identity/model.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'
import type { Policy } from '../../src/verdict/model.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import type { Random } from '../samples/random.ts'

/** A P-256 key of the made-up world. */
export type Key = {
  readonly privateJwk: PrivateJwk
  readonly jwk: PublicJwk
  /** RFC 7638, `0x` and 64 hex digits. */
  readonly thumbprint: string
}

/**
 * What a department's keys are for: `main` signs under `kid`, `certified` with `x5c`; `old` was retired
 * and `leaked` declared compromised between the first and the second phase; `status` never signs
 * certificates.
 */
export const keyNames = ['main', 'certified', 'old', 'leaked', 'status'] as const
export type KeyName = (typeof keyNames)[number]

export type Department = {
  readonly address: string
  readonly did: string
  readonly keys: Readonly<Record<KeyName, Key>>
  /** DER of the `certified` key's certificates, leaf first. */
  readonly x5c: readonly Uint8Array[]
  /** Certificate types that it may issue to the end, by URI. */
  readonly types: readonly string[]
}

/** One certificate, issued and (unless it is bad for that) anchored on the chain. */
export type Copy = {
  readonly token: string
  readonly format: Format
  /** Position of the issuer among the departments. */
  readonly department: number
  readonly key: KeyName
  /** Position of the holder; undefined: bound to nobody. */
  readonly holder: number | undefined
  readonly type: string
  readonly list: number
  readonly index: number
  /** Whether it was anchored after `old` was retired and `leaked` declared compromised. */
  readonly isLate: boolean
  readonly proof: InclusionProof | undefined
  readonly validUntil: Date | undefined
  /** Why it must be refused; undefined: it is good. */
  readonly fault: string | undefined
}

/** Saved evidence. */
export type Filed = {
  readonly text: string
  /** Hash of its header, which the verifier pins. */
  readonly header: string
  readonly copies: readonly Copy[]
  /** Undefined: only the certificate was asked about. */
  readonly challenge: Challenge | undefined
}

export type Challenge = { readonly nonce: string; readonly audience: string }

/** What the chain said at `block`, read once from the real chain; and what stands beside the chain. */
export type Facts = {
  readonly block: BlockRef
  readonly departments: ReadonlyMap<string, DepartmentRecord>
  readonly keys: ReadonlyMap<string, KeyRecord>
  /** By `<department>/<type hash>`. */
  readonly accreditations: ReadonlyMap<string, readonly AccreditationChain[]>
  /** By department, in order of sequence. */
  readonly anchors: ReadonlyMap<string, readonly AnchorRecord[]>
  /** By `<department>/<list>/<word>`. */
  readonly words: ReadonlyMap<string, bigint>
  /** Leaves of a batch by `<department>/<sequence>`. */
  readonly leaves: ReadonlyMap<string, Uint8Array>
  /** Keys that a DID ever showed. */
  readonly shown: ReadonlyMap<string, readonly PublicJwk[]>
  /** How the chain names certificate types, by URI. */
  readonly typeHashes: ReadonlyMap<string, string>
}

/** Everything that mutations start from; plain data, so that threads share it. */
export type World = {
  readonly identity: ChainIdentity
  /** The verifier's clock. */
  readonly at: Date
  readonly departments: readonly Department[]
  readonly holders: readonly Key[]
  readonly stranger: Key
  readonly copies: readonly Copy[]
  readonly filed: readonly Filed[]
  readonly facts: Facts
}

/**
 * Something that must not be accepted, ready to be judged. `told` names the mutation and its choices, never
 * a token or a claim. `original`: the unsigned file that was changed; one that says the same is no mutant,
 * see `meaning.ts`.
 */
export type Mutant = { readonly told: string; readonly original?: string } & (
  | { readonly input: string; readonly policy: Policy; readonly verifier: Verifier }
  | { readonly evidence: string; readonly policy: Policy }
  | { readonly refusal: () => string | undefined }
)

/** What a mutation may use. */
export type Tools = { readonly world: World; readonly r: Random }

/** Makes one mutant; undefined where this base has nothing to mutate in this way: others are tried. */
export type Mutation = (tools: Tools) => Mutant | undefined
