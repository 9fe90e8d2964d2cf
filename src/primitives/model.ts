/** Signature algorithms that Weir can verify: P-256, secp256k1, Ed25519 (RFC 7518, 8812, 8037). */
export type Algorithm = 'ES256' | 'ES256K' | 'EdDSA'

/** A public key as RFC 7517 writes it, members needed for verification only; base64url, 32 bytes each. */
export type PublicJwk = { kty: string; crv: string; x: string; y?: string }

/** A private key as RFC 7517 writes it. */
export type PrivateJwk = PublicJwk & { d: string }

/** A checked public key, ready for use; keep it, making one costs more than a verification. */
export type PublicKey = { readonly alg: Algorithm; readonly handle: unknown }

/** A checked private key, ready for use; it stays in this thread and is never printed. */
export type PrivateKey = { readonly alg: Algorithm; readonly handle: unknown }
