import type { CertificateName } from '../issuer/status.ts'

/** A certificate as people name it: 64 hex digits are a fingerprint, anything else its identifier. */
export function certificateName(text: string): CertificateName {
  return /^[0-9a-f]{64}$/.test(text) ? { fingerprint: text } : { certificate: text }
}
