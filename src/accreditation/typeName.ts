import { sha256 } from '#primitives'
import { hex } from '../primitives/bytes.ts'

/** The name of a certificate type on the chain: SHA-256 of its URI in UTF-8, `0x` and 64 hex digits. */
export function typeOnChain(uri: string): string {
  return `0x${hex(sha256(uri))}`
}
