import { sha256Base64url } from '#primitives'
import type { CertificateType } from '../certificate/model.ts'
import type { JsonObject } from '../credential/model.ts'

/**
 * The idempotency key of a record: importing the same record again, in whatever file, format or
 * order of columns, asks for the same certificate. It is a digest of guessable data, so it stays in
 * the department's own store.
 *
 * @param claims as `checkClaims` returned them.
 * @returns `record:` and 43 characters of base64url.
 */
export function recordKey(type: CertificateType, claims: JsonObject): string {
  return `record:${sha256Base64url(JSON.stringify([type.uri, claims]))}`
}
