/** The codes of documents and proofs of the W3C's data model; a part of the one list in `errors.ts`. */
export const documentCodes = [
  // documents of the data model
  'vcdm/bad-context',
  'vcdm/bad-id',
  'vcdm/bad-type',
  'vcdm/bad-name',
  'vcdm/bad-issuer',
  'vcdm/bad-subject',
  'vcdm/bad-validity',
  'vcdm/bad-property',
  'vcdm/bad-resource',
  'vcdm/bad-proof',
  'vcdm/bad-envelope',
  'vcdm/bad-holder',
  'vcdm/bad-credential-list',
  // Data Integrity proofs
  'integrity/unknown-context',
  'integrity/undefined-term',
  'integrity/wrong-suite',
  'integrity/wrong-purpose',
  'integrity/expired',
  'integrity/bad-chain',
  'integrity/other-signer',
  // VC-API
  'vcapi/bad-option',
  'vcapi/unknown-credential',
  'vcapi/no-holder',
  'vcapi/no-challenge',
  'vcapi/resource-not-read',
  'vcapi/status-not-read',
  'vcapi/issuer-not-known',
] as const

/** The codes of registry nodes and of those who ask them; a part of the same list. */
export const mirrorCodes = [
  'mirror/not-ready',
  'mirror/no-source',
  'mirror/no-leaves',
  'mirror/wrong-leaves',
  'mirror/incomplete',
  'mirror/not-found',
  'mirror/bad-prefix',
  'mirror/prefix-too-long',
  'mirror/prefix-too-short',
  'mirror/unknown-authority',
  'mirror/unknown-entity',
  'mirror/unknown-action',
  'mirror/future-time',
  'mirror/bad-answer',
  'mirror/other-subject',
] as const

/** The codes of requests to wallets and of their answers; a part of the one list in `errors.ts`. */
export const walletCodes = [
  'presentation/unknown-request',
  'presentation/request-expired',
  'presentation/wrong-state',
  'presentation/bad-response',
  'presentation/declined',
  'presentation/wrong-code',
  'presentation/no-request-key',
  // wallet
  'wallet/bad-request-uri',
  'wallet/unsigned-request',
  'wallet/forged-request',
  'wallet/unknown-verifier',
  'wallet/wrong-client',
  'wallet/restricted-claim',
  'wallet/answer-refused',
  'wallet/bad-offer',
  'wallet/offer-refused',
] as const
