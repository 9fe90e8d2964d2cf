import { decodeBase64url, importPublicKey, verifySignature } from '#primitives'
import { isJsonObject, parseJsonObject } from '../../credential/json.ts'
import { textOf } from '../../credential/jws.ts'
import type { Json, JsonObject, PublicJwk } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'

/** Characters of a proof at most. */
const maxProof = 8_192

/** Header members that would change what is verified, or with which key. */
const forbidden = ['crit', 'b64', 'zip', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'trust_chain']

/** Members that only a private or a symmetric key has. */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** A JWT that brings its own key, whose signature was verified. */
export type SignedProof = {
  readonly key: PublicJwk
  /** The `kid` that named the key, if it did not stand in `jwk`. */
  readonly kid: string | undefined
  readonly payload: JsonObject
}

/**
 * Reads and verifies a JWT whose key is named by its own header: proof of possession, not of who it is.
 * The algorithm follows from the key alone, and the header must agree.
 *
 * @param typ the one kind taken.
 * @param keyOfKid the key that a `kid` names; left out: the key must stand in `jwk`.
 * @throws {InputError} `credential/*`, `json/*`: malformed, another kind or algorithm, a header member that
 *   is not allowed, a bad key, a bad signature (`credential/bad-key`).
 */
export function readSignedProof(
  compact: string,
  typ: string,
  keyOfKid?: (kid: string) => PublicJwk,
): SignedProof {
  if (compact.length > maxProof) throw new InputError('credential/too-large', { max: maxProof })
  const parts = compact.split('.')
  if (parts.length !== 3 || parts.includes('')) {
    throw new InputError('credential/malformed', { why: 'parts' })
  }
  const [head, body, end] = parts as [string, string, string]
  const header = parseJsonObject(textOf(head), { maxLength: maxProof })
  if (header.typ !== typ) throw new InputError('credential/wrong-typ', { expected: typ })
  if (forbidden.some((name) => header[name] !== undefined)) {
    throw new InputError('credential/header-not-allowed', { why: 'member' })
  }
  const { jwk, kid } = header
  const key = jwk === undefined ? named(kid, keyOfKid) : publicJwkOf(jwk)
  if (jwk !== undefined && kid !== undefined) {
    throw new InputError('credential/header-not-allowed', { why: 'kid' })
  }
  const imported = importPublicKey(key)
  if (header.alg !== imported.alg) throw new InputError('credential/alg-not-allowed')
  const payload = parseJsonObject(textOf(body), { maxLength: maxProof })
  if (!verifySignature(imported, `${head}.${body}`, decodeBase64url(end))) {
    throw new InputError('credential/bad-key', { why: 'signature' })
  }
  return { key, kid: typeof kid === 'string' ? kid : undefined, payload }
}

function named(kid: Json | undefined, keyOfKid: ((kid: string) => PublicJwk) | undefined) {
  if (typeof kid !== 'string' || kid.length > 1024 || keyOfKid === undefined) {
    throw new InputError('credential/header-not-allowed', { why: 'key' })
  }
  return keyOfKid(kid)
}

/** The members that make a public key; wallets add others (`ext`, `alg`), a private one is refused. */
function publicJwkOf(value: Json): PublicJwk {
  const bad = () => new InputError('credential/bad-key', { why: 'jwk' })
  if (!isJsonObject(value) || secretMembers.some((name) => value[name] !== undefined)) throw bad()
  const { kty, crv, x, y } = value
  if (typeof kty !== 'string' || typeof crv !== 'string' || typeof x !== 'string') throw bad()
  if (y === undefined) return { kty, crv, x }
  if (typeof y !== 'string') throw bad()
  return { kty, crv, x, y }
}

/** Whether a NumericDate lies between `past` seconds before and 60 seconds after now. */
export function isRecent(value: Json | undefined, now: Date, past: number): boolean {
  const seconds = now.getTime() / 1000
  return typeof value === 'number' && value > seconds - past && value < seconds + 60
}
