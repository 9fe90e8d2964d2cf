import { encodeBase64url, importPrivateKey, sha256Base64url, sign } from '#primitives'
import { didJwk } from '../../src/credential/didJwk.ts'
import type { CredentialDraft, Format, ParsedCredential } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { finishAnswer, writeAnswer } from '../../src/presentation/answer.ts'
import type { ClassOf } from '../../src/presentation/choose.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'
import { draftOf, holderJwk, jws, publicJwk, tokenOf } from '../credential/samples.ts'

export const now = new Date('2026-10-01T08:00:00Z')
export const seconds = now.getTime() / 1000
export const challenge = {
  nonce: 'bm9uY2Utbm9uY2Utbm9uY2U',
  audience: 'https://bank.example/verify',
}

/** Another sample holder's key: RFC 7517 appendix A.2. */
export const otherHolderJwk: PrivateJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
}

/** What the sample title's type says of its fields. */
export const classOf: ClassOf = (path) =>
  path.length === 1
    ? (
        {
          title_number: 'P',
          registry: 'P',
          right_holder: 'S',
          location: 'S',
          uses: 'S',
          document: 'S',
        } as const
      )[path[0] as string]
    : path[0] === 'document' && path[1] === 'number'
      ? 'R'
      : undefined

/** A sample certificate in a format, read. */
export function held(
  format: Format,
  change: (draft: CredentialDraft) => void = () => {},
): ParsedCredential {
  const draft = structuredClone(draftOf(format))
  change(draft)
  return parseCredential(tokenOf(draft))
}

/** A good answer, signed by the holder or by whoever is given. */
export function answered(
  credential: ParsedCredential,
  disclosures: readonly string[] = [],
  key: PrivateJwk = holderJwk,
): string {
  const plan = writeAnswer(credential, disclosures, challenge, 'ES256', now)
  return finishAnswer(plan, sign(importPrivateKey(key), plan.signingInput))
}

/** A KB-JWT with any header and payload behind an SD-JWT. */
export function boundBy(
  unbound: string,
  payload: object = {},
  header: object = {},
  key = holderJwk,
): string {
  const good = {
    iat: seconds,
    aud: challenge.audience,
    nonce: challenge.nonce,
    sd_hash: sha256Base64url(unbound),
  }
  return unbound + jws({ alg: 'ES256', typ: 'kb+jwt', ...header }, { ...good, ...payload }, key)
}

/** A VP as JWT around tokens, with any changes. */
export function vpOf(
  tokens: readonly string[],
  payload: object = {},
  header: object = {},
  key = holderJwk,
): string {
  const holder = didJwk(publicJwk(holderJwk))
  const body = {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiablePresentation'],
    holder,
    iat: seconds,
    aud: challenge.audience,
    nonce: challenge.nonce,
    verifiableCredential: tokens.map((token) => ({
      '@context': 'https://www.w3.org/ns/credentials/v2',
      type: 'EnvelopedVerifiableCredential',
      id: `data:application/vc+jwt,${token}`,
    })),
  }
  return jws(
    { alg: 'ES256', typ: 'vp+jwt', kid: `${holder}#0`, ...header },
    { ...body, ...payload },
    key,
  )
}

/** The last part of a token with one bit of its signature changed, still well spelled. */
export function broken(token: string): string {
  const end = token.slice(-86)
  const bytes = Buffer.from(end, 'base64url')
  bytes[10]! ^= 1
  return token.slice(0, -86) + encodeBase64url(bytes)
}
