import { encodeBase64url, sha256Base64url } from '#primitives'
import { didJwk, didJwkUrl } from '../credential/didJwk.ts'
import type { JsonObject, ParsedCredential, PublicJwk } from '../credential/model.ts'
import { assembleToken, hasDisclosures } from '../credential/token.ts'
import { dataModel2 } from '../credential/vcPayload.ts'
import { InputError } from '../errors.ts'
import type { Challenge } from './model.ts'
import { envelope } from './vpJwt.ts'

/** A token that waits for the holder's signature. */
export type Answer = {
  readonly kind: 'key-binding' | 'presentation'
  /** What stands before the signed part: the SD-JWT with its last `~`, or nothing. */
  readonly prefix: string
  readonly signingInput: string
}

/**
 * Writes what the holder will sign: a KB-JWT behind an SD-JWT, a VP around a JWT.
 *
 * @param disclosures those to show, from `chooseDisclosures`; none for the JWT formats.
 * @param alg of the holder's key, the one in the credential's `cnf`.
 * @throws {InputError} `presentation/not-bound` if the credential is bound to no key.
 * @see RFC 9901, section 4.3; VC-JOSE-COSE, section 3.1.2
 */
export function writeAnswer(
  credential: ParsedCredential,
  disclosures: readonly string[],
  challenge: Challenge,
  alg: string,
  now: Date,
): Answer {
  const { format, signingInput, signature, holderKey } = credential
  if (holderKey === undefined) throw new InputError('presentation/not-bound')
  const token = assembleToken({ format, signingInput, disclosures }, signature)
  const answer = {
    iat: Math.floor(now.getTime() / 1000),
    aud: challenge.audience,
    nonce: challenge.nonce,
  }
  if (hasDisclosures(format)) {
    const payload = { ...answer, sd_hash: sha256Base64url(token) }
    return {
      kind: 'key-binding',
      prefix: token,
      signingInput: encode({ alg, typ: 'kb+jwt' }, payload),
    }
  }
  return {
    kind: 'presentation',
    prefix: '',
    signingInput: encode(
      { alg, typ: 'vp+jwt', kid: didJwkUrl(holderKey) },
      { ...answer, ...vpBody(holderKey, envelope(format, token)) },
    ),
  }
}

function vpBody(holderKey: PublicJwk, id: string): JsonObject {
  const holder = didJwk(holderKey)
  return {
    '@context': [dataModel2.context],
    type: ['VerifiablePresentation'],
    iss: holder,
    holder,
    verifiableCredential: [
      { '@context': dataModel2.context, type: 'EnvelopedVerifiableCredential', id },
    ],
  }
}

function encode(header: JsonObject, payload: JsonObject): string {
  return `${encodeBase64url(JSON.stringify(header))}.${encodeBase64url(JSON.stringify(payload))}`
}

/**
 * The token that goes to the verifier.
 *
 * @param signature r || s, 64 bytes, over `signingInput`.
 */
export function finishAnswer({ prefix, signingInput }: Answer, signature: Uint8Array): string {
  return `${prefix}${signingInput}.${encodeBase64url(signature)}`
}
