const encoded = new WeakMap<readonly Uint8Array[], readonly string[]>()

/** Certificates as `x5c` writes them: base64 of DER with padding, RFC 7515 section 4.1.6. */
export function base64Of(certificates: readonly Uint8Array[]): readonly string[] {
  const known = encoded.get(certificates)
  if (known !== undefined) return known
  const texts = Object.freeze(certificates.map((der) => btoa(String.fromCharCode(...der))))
  encoded.set(certificates, texts)
  return texts
}
