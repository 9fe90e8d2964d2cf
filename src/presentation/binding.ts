import { importPublicKey, sha256Base64url, verifySignature } from '#primitives'
import { readSeconds, readString, required } from '../credential/claims.ts'
import { parseJws } from '../credential/jws.ts'
import type { JsonObject, ParsedCredential } from '../credential/model.ts'
import { thumbprintHex } from '../credential/thumbprint.ts'
import { InputError, isWeirError } from '../errors.ts'
import type { Binding, ParsedPresentation } from './model.ts'

/**
 * Reads a KB-JWT (RFC 9901 section 4.3).
 *
 * @param unbound the SD-JWT as presented, up to and with its last `~`.
 * @throws {InputError} `credential/*`, `json/*`, as a credential's JWT; another `typ` is refused.
 */
export function readKeyBinding(jwt: string, unbound: string): Binding {
  const { alg, signingInput, signature, payload } = parseJws(jwt, ['kb+jwt'])
  const sdHash = readString(required(payload.sd_hash, 'sd_hash'), 'sd_hash')
  return {
    kind: 'key-binding',
    alg,
    signingInput,
    signature,
    ...readAnswer(payload),
    coversCredential: sdHash === sha256Base64url(unbound),
  }
}

/**
 * The answer to a challenge inside a KB-JWT or a VP: one audience as a string, a nonce, a time.
 *
 * @throws {InputError} `credential/missing-claim`, `credential/bad-claim`.
 */
export function readAnswer(payload: JsonObject): Pick<Binding, 'nonce' | 'audience' | 'issuedAt'> {
  for (const name of ['exp', 'nbf']) {
    if (payload[name] !== undefined) throw new InputError('credential/bad-claim', { path: name })
  }
  return {
    nonce: readString(required(payload.nonce, 'nonce'), 'nonce')!,
    audience: readString(required(payload.aud, 'aud'), 'aud')!,
    issuedAt: readSeconds(required(payload.iat, 'iat'), 'iat')!,
  }
}

/**
 * Whether the binding's signature is made by the key in the credential's own `cnf`, under the one
 * algorithm of that key. False too where the credential is bound to no key.
 */
export function bindingSignatureHolds(credential: ParsedCredential, binding: Binding): boolean {
  if (credential.holderKey === undefined) return false
  try {
    const key = importPublicKey(credential.holderKey)
    return key.alg === binding.alg && verifySignature(key, binding.signingInput, binding.signature)
  } catch (error) {
    if (isWeirError(error)) return false
    throw error
  }
}

/** Whether every credential is bound to one and the same holder key. */
export function sameHolder(presentation: ParsedPresentation): boolean {
  const holders = new Set(
    presentation.map(({ credential: { holderKey } }) => holderKey && thumbprintHex(holderKey)),
  )
  return holders.size === 1 && !holders.has(undefined)
}
