// biome-ignore-all lint/suspicious/noExplicitAny: the libraries have no types
declare module '@digitalbazaar/data-integrity' {
  export const DataIntegrityProof: any
}
declare module '@digitalbazaar/ed25519-multikey' {
  export const generate: any
}
declare module '@digitalbazaar/vc' {
  export const issue: any
  export const signPresentation: any
  export const verifyCredential: any
  export const verify: any
}
declare module 'jsonld-signatures' {
  const jsigs: any
  export default jsigs
}
