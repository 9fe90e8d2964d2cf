import { encodeBase64url } from '#primitives'
import { jwkOfDid } from '../../credential/didJwk.ts'
import type { PublicJwk } from '../../credential/model.ts'
import { thumbprint } from '../../credential/thumbprint.ts'
import { InputError, isWeirError } from '../../errors.ts'
import { jwkOfDidKey } from '../../identity/didKey.ts'
import { OAuthError } from '../oauthError.ts'
import type { Access } from './access.ts'
import { type Issuance, issuerIdentifier } from './model.ts'
import { isRecent, readSignedProof, type SignedProof } from './signedProof.ts'

/** Seconds that a proof may be old: longer than its nonce lives, so that the nonce decides. */
const maxAge = 600

/** A key that a wallet holds. */
export type ProvenKey = {
  readonly jwk: PublicJwk
  /** RFC 7638, base64url. */
  readonly thumbprint: string
  readonly nonce: string
}

/**
 * Verifies that a wallet holds a key, named as a JWK or by a did:jwk or did:key. Who the holder is, the
 * offer says and never the proof.
 *
 * @throws {OAuthError} `invalid_proof`
 * @see OpenID4VCI 1.0, appendix F.1 and F.4
 */
export function verifyKeyProof(
  issuance: Issuance,
  { clientId }: Pick<Access, 'clientId'>,
  proof: string,
): ProvenKey {
  const { key, payload } = read(proof)
  const { aud, iss, iat, nonce } = payload
  if (aud !== issuerIdentifier(issuance)) throw invalidProof('Its audience is another issuer.')
  // An anonymous wallet leaves it out; what some write there instead is nobody's name to us.
  if (clientId !== undefined && iss !== undefined && iss !== clientId) {
    throw invalidProof('Its issuer is another client.')
  }
  if (!isRecent(iat, issuance.clock(), maxAge)) throw invalidProof('It was not made just now.')
  if (typeof nonce !== 'string' || nonce === '' || nonce.length > 256) {
    throw invalidProof('It has no nonce.')
  }
  return { jwk: key, thumbprint: encodeBase64url(thumbprint(key)), nonce }
}

function read(proof: string): SignedProof {
  try {
    return readSignedProof(proof, 'openid4vci-proof+jwt', keyOfKid)
  } catch (cause) {
    if (isWeirError(cause)) throw invalidProof('It cannot be read or verified.', cause)
    throw cause
  }
}

function keyOfKid(kid: string): PublicJwk {
  if (kid.startsWith('did:jwk:')) return jwkOfDid(kid)
  if (kid.startsWith('did:key:')) return jwkOfDidKey(kid)
  throw new InputError('credential/bad-key', { why: 'did method' })
}

/** A proof is refused; the sentence goes on after "The key proof is not valid." */
export function invalidProof(why: string, cause?: unknown): OAuthError {
  return new OAuthError('invalid_proof', `The key proof is not valid. ${why}`, { cause })
}
