import { sha256 } from '#primitives'

/**
 * What the chain commits to: SHA-256("weir/fingerprint/1" || 0x00 || signing input). Never the
 * signature, which has several spellings; the payload's salt makes it unguessable.
 *
 * @param signingInput `BASE64URL(header) || '.' || BASE64URL(payload)`, ASCII.
 * @returns 32 bytes.
 */
export function fingerprint(signingInput: string): Uint8Array {
  return sha256(`weir/fingerprint/1\0${signingInput}`)
}
