import { verifySignature } from '#primitives'
import { jwkOfDid } from '../credential/didJwk.ts'
import type { PublicJwk } from '../credential/model.ts'
import { TrustError } from '../errors.ts'
import { jwkOfDidKey } from '../identity/didKey.ts'
import { namedKey } from '../verdict/issuer.ts'
import { unlessRefused } from './findings.ts'
import type { SecuredToken } from './jws.ts'

/** The key that a did:key or did:jwk is; undefined for every other DID. */
export async function keyInDid(did: string): Promise<PublicJwk | undefined> {
  if (did.startsWith('did:key:')) return unlessRefused(() => jwkOfDidKey(did))
  return did.startsWith('did:jwk:') ? unlessRefused(() => jwkOfDid(did)) : undefined
}

/**
 * Requires the signature to be made by the one key that the DID itself is, under that key's algorithm.
 *
 * @returns the key.
 * @throws {TrustError} `signature/no-key` for a DID that says no key by itself, and where `kid` names
 *   another; `signature/bad`
 */
export async function requireSignedBy(did: string, token: SecuredToken): Promise<PublicJwk> {
  const { alg, kid, signingInput, signature } = token
  const isOwn = kid === undefined || kid === did || kid.startsWith(`${did}#`)
  const jwk = isOwn ? await keyInDid(kid ?? did) : undefined
  const named = jwk && namedKey(jwk)
  if (jwk === undefined || named === undefined) throw new TrustError('signature/no-key')
  const { key } = named
  if (key.alg !== alg || !verifySignature(key, signingInput, signature)) {
    throw new TrustError('signature/bad')
  }
  return jwk
}
