import type { PublicJwk } from '../primitives/model.ts'

/** JSON as the strict parser returns it: objects have no prototype, numbers are safe. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [member: string]: Json }

/**
 * The securing formats of a copy.
 * `vc+jwt`: VC Data Model 2.0 with JOSE (VC-JOSE-COSE); `dc+sd-jwt`: SD-JWT VC; `vc+sd-jwt`: VC Data
 * Model 2.0 with SD-JWT; `jwt_vc`: VC Data Model 1.1 as a JWT.
 */
export type Format = 'vc+jwt' | 'dc+sd-jwt' | 'vc+sd-jwt' | 'jwt_vc'

export type { PublicJwk }

/** Where the status of a copy stands on the chain: `index` counts 2-bit entries within `list`. */
export type StatusPosition = { readonly list: number; readonly index: number }

/**
 * What will be signed, before encoding. Members of `payload` named by `disclosable` become
 * disclosures (SD-JWT formats only); nothing else may be added by whoever signs.
 */
export type CredentialDraft = {
  readonly format: Format
  readonly header: JsonObject
  readonly payload: JsonObject
  /** JSON pointers (RFC 6901) into `payload`, each an object member or array element. */
  readonly disclosable: readonly string[]
}

/** A draft encoded: exactly the bytes that will be signed, and the disclosures that go beside them. */
export type PreparedCredential = {
  readonly format: Format
  /** `BASE64URL(header) || '.' || BASE64URL(payload)`, RFC 7515 section 5.1. */
  readonly signingInput: string
  /** SD-JWT disclosures, base64url as in RFC 9901 section 4.2, empty for the JWT formats. */
  readonly disclosures: readonly string[]
  /** 32 bytes, see `fingerprint`. */
  readonly fingerprint: Uint8Array
}

/** A token taken apart and read, nothing of it verified. */
export type ParsedCredential = {
  readonly format: Format
  readonly header: JsonObject
  readonly alg: string
  readonly kid: string | undefined
  /** DER certificates of `x5c`, leaf first. */
  readonly x5c: readonly Uint8Array[] | undefined
  readonly signingInput: string
  readonly signature: Uint8Array
  readonly fingerprint: Uint8Array
  /** `iss`/`issuer`; undefined where `x5c` says it (the DID in the leaf's subjectAltName). */
  readonly issuer: string | undefined
  /** `vct`, or the certificate type's URI among the VC's `type`/`credentialSchema`; undefined: foreign. */
  readonly certificateType: string | undefined
  /** The certificate's identifier (GB/T 36904 or the type's own number); undefined: foreign. */
  readonly certificate: string | undefined
  readonly issuedAt: Date | undefined
  readonly validFrom: Date | undefined
  readonly validUntil: Date | undefined
  /** CAIP-2 chain on which the copy is anchored, `eip155:<id>`; undefined: foreign. */
  readonly chain: string | undefined
  readonly status: StatusPosition | undefined
  readonly salt: string | undefined
  /** Fingerprint (64 hex digits) of the copy that this one replaces. */
  readonly replaces: string | undefined
  readonly holderKey: PublicJwk | undefined
  /** The certificate's fields that this token discloses. */
  readonly claims: JsonObject
  /** The payload after disclosures were put in place, as its format shapes it. */
  readonly payload: JsonObject
  /** What the token discloses selectively, a part before the parts inside it; empty for the JWT formats. */
  readonly disclosures: readonly Disclosure[]
}

/** One disclosure and the place of its value in the payload: names, and indexes of arrays. */
export type Disclosure = {
  /** base64url, as it stands in the token. */
  readonly encoded: string
  readonly salt: string
  readonly path: readonly (string | number)[]
}
