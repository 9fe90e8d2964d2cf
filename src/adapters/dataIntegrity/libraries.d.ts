declare module '@digitalbazaar/eddsa-rdfc-2022-cryptosuite' {
  /** JSON-LD to RDF, canonicalised with RDFC-1.0: N-Quads. */
  export const cryptosuite: {
    canonize(document: object, options: Readonly<Record<string, unknown>>): Promise<string>
  }
}
