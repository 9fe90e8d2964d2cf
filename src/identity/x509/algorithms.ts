import { ECPublicKey, type PublicKeyInfo, RSAPublicKey } from 'pkijs'

/** Signature algorithms of certificates and revocation lists that are accepted, by object identifier. */
const signatures = new Set([
  '1.2.840.10045.4.3.2', // ecdsa-with-SHA256
  '1.2.840.10045.4.3.3', // ecdsa-with-SHA384
  '1.2.840.10045.4.3.4', // ecdsa-with-SHA512
  '1.2.840.113549.1.1.11', // sha256WithRSAEncryption
  '1.2.840.113549.1.1.12', // sha384WithRSAEncryption
  '1.2.840.113549.1.1.13', // sha512WithRSAEncryption
])

const minRsaBits = 2048
const maxRsaBits = 8192

type Signed = {
  readonly signature: { readonly algorithmId: string; isEqual(other: unknown): boolean }
  readonly signatureAlgorithm: { readonly algorithmId: string }
}

/** Whether something signed names one strong algorithm, the same inside and outside the signed bytes. */
export function isStrongSignature({ signature, signatureAlgorithm }: Signed): boolean {
  return signatures.has(signature.algorithmId) && signature.isEqual(signatureAlgorithm)
}

/** Whether a certificate authority's key is strong: P-256, P-384, P-521 by name, or RSA of 2048 bits and more. */
export function isStrongKey({ parsedKey }: PublicKeyInfo): boolean {
  // An elliptic-curve key with explicit parameters has no named curve and is not parsed.
  if (parsedKey instanceof ECPublicKey) return curves.has(parsedKey.namedCurve)
  if (!(parsedKey instanceof RSAPublicKey)) return false
  const modulus = parsedKey.modulus.valueBlock.valueHexView
  const first = modulus.findIndex((byte) => byte !== 0)
  const bits = first < 0 ? 0 : (modulus.length - first) * 8 - Math.clz32(modulus[first]!) + 24
  return bits >= minRsaBits && bits <= maxRsaBits
}

/** The parser names the curve that the key's object identifier stands for. */
const curves = new Set(['P-256', 'P-384', 'P-521'])
