import { verifySignature } from '#primitives'
import type { ParsedCredential } from '../credential/model.ts'
import { type Case, fail, pass, unknown } from './case.ts'
import type { NamedKey } from './issuer.ts'
import type { Check } from './model.ts'

/** What issuers sign with; other algorithms verify, but no department's key is of their kind. */
const issuerAlgorithm = 'ES256'

/**
 * Whether the issuer's signature holds. The algorithm is the key's; the header's must be the same.
 */
export function signatureHolds(credential: ParsedCredential, { key }: NamedKey): boolean {
  return (
    key.alg === issuerAlgorithm &&
    credential.alg === key.alg &&
    verifySignature(key, credential.signingInput, credential.signature)
  )
}

/** `signature/good`; `signature/bad`; unknown `signature/no-key` where no key was found for `kid`. */
export function checkSignature({ isSigned }: Case): Check {
  if (isSigned === undefined) return unknown('signature', 'signature/no-key')
  return isSigned ? pass('signature', 'signature/good') : fail('signature', 'signature/bad')
}
