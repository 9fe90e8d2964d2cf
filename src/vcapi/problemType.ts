import type { Code } from '../errors.ts'

const dataModel = 'https://www.w3.org/TR/vc-data-model#'
const security = 'https://w3id.org/security#'

/** Codes and beginnings of codes, and the problem types that the specifications give them; the first fits. */
const types: readonly (readonly [string, string])[] = [
  ['json/', `${dataModel}PARSING_ERROR`],
  ['vcdm/bad-validity', `${dataModel}RANGE_ERROR`],
  ['validity/', `${dataModel}RANGE_ERROR`],
  ['vcdm/', `${dataModel}MALFORMED_VALUE_ERROR`],
  ['holder/wrong-nonce', `${security}INVALID_CHALLENGE_ERROR`],
  ['holder/wrong-audience', `${security}INVALID_DOMAIN_ERROR`],
  ['integrity/', `${security}PROOF_VERIFICATION_ERROR`],
  ['signature/', `${dataModel}CRYPTOGRAPHIC_SECURITY_ERROR`],
  ['status/', 'https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR'],
]

/**
 * The problem type of a code; a name of ours where no specification has one.
 *
 * @see VC Data Model 2.0, section 7.2; VC Data Integrity 1.0, section 4.7; Bitstring Status List 1.0, section 3.4
 */
export function problemTypeOf(code: Code): string {
  return types.find(([begin]) => code.startsWith(begin))?.[1] ?? `urn:weir:error:${code}`
}
