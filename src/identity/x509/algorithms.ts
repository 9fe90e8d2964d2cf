import { ECPublicKey, type PublicKeyInfo, RSAPublicKey } from 'pkijs'
import { requireDer } from './der.ts'

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

const ecdsa = '1.2.840.10045.4.3.'

type Signed = {
  readonly signature: { readonly algorithmId: string; isEqual(other: unknown): boolean }
  readonly signatureAlgorithm: { readonly algorithmId: string }
  readonly signatureValue: {
    readonly valueBlock: { readonly valueHexView: Uint8Array; readonly unusedBits: number }
  }
}

/** Whether something signed names one strong algorithm, the same inside and outside the signed bytes. */
export function isStrongSignature({ signature, signatureAlgorithm }: Signed): boolean {
  return signatures.has(signature.algorithmId) && signature.isEqual(signatureAlgorithm)
}

/** Whether a signature stands in the one way to write it; the library reads r and s out of almost anything. */
export function isWellFormedSignature({ signature, signatureValue }: Signed): boolean {
  const { valueHexView, unusedBits } = signatureValue.valueBlock
  if (unusedBits !== 0) return false
  return !signature.algorithmId.startsWith(ecdsa) || isEcdsaValue(valueHexView)
}

/** `SEQUENCE { INTEGER r, INTEGER s }`, both positive (RFC 3279 section 2.2.3). */
function isEcdsaValue(bytes: Uint8Array): boolean {
  try {
    requireDer(bytes)
  } catch {
    return false
  }
  // Even for P-521 the lengths within take one byte each; the outer one may take two.
  const r = bytes[1]! < 0x80 ? 2 : 3
  const s = r + 2 + bytes[r + 1]!
  const isPositive = (at: number) => bytes[at] === 0x02 && bytes[at + 2]! < 0x80
  return (
    bytes[0] === 0x30 && isPositive(r) && isPositive(s) && s + 2 + bytes[s + 1]! === bytes.length
  )
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
