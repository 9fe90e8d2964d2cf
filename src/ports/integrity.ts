import type { JsonObject } from '../credential/model.ts'
import type { KnownDigests } from '../vcdm/resources.ts'

/** Why a proof is made. */
export type ProofPurpose = 'assertionMethod' | 'authentication'

/** What a proof says beside its signature. */
export type ProofWish = {
  readonly purpose: ProofPurpose
  readonly created: Date
  readonly challenge?: string
  readonly domain?: string
}

/** What a verifier asks of every proof of a document; what is left out is not asked. */
export type ProofQuestion = {
  readonly purpose: string
  readonly at: Date
  readonly challenge?: string
  readonly domain?: string
}

/** The Ed25519 key of a service, used for nothing but Data Integrity proofs. */
export interface IntegritySigner {
  /** did:key, and the DID URL of its one key. */
  readonly did: string
  readonly keyUrl: string
  /**
   * Signs what a proof signs.
   *
   * @param hash two SHA-256 digests one after another.
   * @returns 64 bytes.
   * @throws {InputError} `key/wrong-kind` for any other length: no other kind of text can be signed.
   */
  sign(hash: Uint8Array): Promise<Uint8Array>
}

/** Data Integrity `eddsa-rdfc-2022` with did:key; nothing is ever fetched. */
export interface Integrity {
  /** This service's own did:key. */
  readonly did: string
  /** Digests of the contexts that are kept here. */
  readonly known: KnownDigests
  /**
   * Reads every word of a document by its contexts.
   *
   * @throws {InputError} `integrity/unknown-context`, `integrity/undefined-term`, `vcdm/bad-context`,
   *   `vcdm/bad-type`, `vcdm/bad-property`
   */
  requireDefined(document: JsonObject): Promise<void>
  /**
   * Adds a proof of this service's key beside those that are there.
   *
   * @throws {InputError} as {@link requireDefined}
   */
  secure(document: JsonObject, wish: ProofWish): Promise<JsonObject>
  /**
   * Verifies every proof of a document; one that does not hold refuses all.
   *
   * @returns the DIDs whose keys made the proofs.
   * @throws {InputError} `vcdm/bad-proof`, and as {@link requireDefined}
   * @throws {TrustError} `signature/bad`, `signature/no-key`, `integrity/...`, `holder/wrong-nonce`,
   *   `holder/wrong-audience`
   */
  verify(document: JsonObject, question: ProofQuestion): Promise<readonly string[]>
}
