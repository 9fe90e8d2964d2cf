import { sha256 } from '#primitives'
import { typeDocuments } from '../../certificate/documents.ts'
import type { CertificateType } from '../../certificate/model.ts'
import { hex } from '../../primitives/bytes.ts'
import { nameOf } from './secret.ts'

/** Digest of a certificate type as it is now: its schema, context and metadata, 64 hex digits. */
export function digestOf(type: CertificateType): string {
  const { context, schema, metadata } = typeDocuments(type)
  return hex(sha256([context, schema, metadata].map(({ integrity }) => integrity).join(' ')))
}

/**
 * Digests of a one-time code, each under a secret that the store does not hold, so that its few digits
 * cannot be tried out by whoever reads the store.
 */
export function txCodeDigests(code: string, state: string, txCode: string) {
  return { byCode: txCodeDigest(code, txCode), byState: txCodeDigest(state, txCode) }
}

/** @param under the pre-authorised code or the issuer state. */
export function txCodeDigest(under: string, txCode: string): string {
  return nameOf(`weir/tx-code/1\0${under}\0${txCode}`)
}
