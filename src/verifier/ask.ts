import { encodeBase64url, randomBytes } from '#primitives'
import type { Json } from '../credential/model.ts'
import { type PresentationRequest, readRequest } from '../presentation/request.ts'
import type { Policy } from '../verdict/model.ts'

/**
 * Makes a request with a fresh nonce of 32 random bytes. Keep it until it is answered, accept one
 * answer, then forget it: that is what stops a replay to the same verifier.
 *
 * @param asked `audience`: the verifier's full identifier; `purpose`: why, shown to the holder, at most
 *   200 characters; `dcql`: which certificates and claims.
 * @throws {InputError} `presentation/bad-request` with the member at fault.
 * @see OpenID4VP 1.0, sections 5 and 6
 */
export function ask(asked: {
  readonly audience: string
  readonly purpose: string
  readonly dcql: Json
}): PresentationRequest {
  const { audience, purpose, dcql } = asked
  return readRequest({ nonce: encodeBase64url(randomBytes(32)), audience, purpose, dcql })
}

/** The question that the answer to a request must satisfy; `sameHolder`: all certificates of one holder. */
export function questionOf(
  { nonce, audience }: PresentationRequest,
  sameHolder = false,
): Policy['question'] {
  return { kind: 'presentation', nonce, audience, sameHolder }
}
