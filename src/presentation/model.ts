import type { InclusionProof } from '../anchor/model.ts'
import type { ParsedCredential } from '../credential/model.ts'

/**
 * A way to claims: names, positions, and `null` for every element of a list (OpenID4VP 1.0 section 7).
 * Here it starts at the certificate's fields, `ParsedCredential.claims`, whatever the format.
 */
export type ClaimPath = readonly (string | number | null)[]

/** The proof that whoever presents holds the key in the credential's `cnf`; read, not verified. */
export type Binding = {
  /** `key-binding`: a KB-JWT behind an SD-JWT. `presentation`: a VP as JWT around the credential. */
  readonly kind: 'key-binding' | 'presentation'
  readonly alg: string
  readonly signingInput: string
  /** r || s, 64 bytes. */
  readonly signature: Uint8Array
  readonly nonce: string
  readonly audience: string
  readonly issuedAt: Date
  /** Whether `sd_hash` is the hash of the SD-JWT as presented; a VP contains its credential: true. */
  readonly coversCredential: boolean
}

/** One credential as it was presented. */
export type PresentedCredential = {
  readonly credential: ParsedCredential
  /** The SD-JWT without its KB-JWT, or the JWT. */
  readonly token: string
  readonly binding: Binding | undefined
  /** Handed over beside the token; nothing of it is signed or verified. */
  readonly proof: InclusionProof | undefined
}

/** At least one credential, none twice, in the order in which they were presented. */
export type ParsedPresentation = readonly PresentedCredential[]

/** What a binding must answer. */
export type Challenge = {
  readonly nonce: string
  /** The verifier's full identifier. */
  readonly audience: string
}
