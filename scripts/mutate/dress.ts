import { encodeBase64url, sha256Base64url } from '#primitives'
import type { InclusionProof } from '../../src/anchor/model.ts'
import { didJwk, didJwkUrl } from '../../src/credential/didJwk.ts'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { writeCertificateFile } from '../../src/presentation/certificateFile.ts'
import { writePresentationFile } from '../../src/presentation/presentationFile.ts'
import type { Policy } from '../../src/verdict/model.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { between, chance } from './deal.ts'
import { verifierOf } from './facts.ts'
import { signed } from './keys.ts'
import type { Challenge, Copy, Key, Tools, World } from './model.ts'

/** Members of a KB-JWT or VP that are other than an honest holder would write; undefined leaves one out. */
export type Twist = {
  header?: JsonObject
  payload?: { [name: string]: Json | undefined }
  text?: string
}

/** base64url of compact JSON, or of the text itself. */
export function part(value: unknown): string {
  return encodeBase64url(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A compact JWS over any two texts, well-formed or not. */
function jws(header: unknown, payload: unknown, key: Key): string {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${encodeBase64url(signed(key, input))}`
}

/** Binds a token as a holder does, whatever the token holds: a KB-JWT behind an SD-JWT, a VP around a JWT. */
export function bound(
  token: string,
  key: Key,
  challenge: Challenge,
  at: Date,
  twist: Twist = {},
): string {
  const answer = {
    iat: Math.floor(at.getTime() / 1000),
    aud: challenge.audience,
    nonce: challenge.nonce,
  }
  if (token.endsWith('~')) {
    const header = { alg: 'ES256', typ: 'kb+jwt', ...twist.header }
    const payload = { ...answer, sd_hash: sha256Base64url(token), ...twist.payload }
    return `${token}${jws(header, twist.text ?? payload, key)}`
  }
  const header = { alg: 'ES256', typ: 'vp+jwt', kid: didJwkUrl(key.jwk), ...twist.header }
  const holder = didJwk(key.jwk)
  const body = {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiablePresentation'],
    iss: holder,
    holder,
    verifiableCredential: [enveloped(token)],
  }
  return jws(header, twist.text ?? { ...answer, ...body, ...twist.payload }, key)
}

/** An EnvelopedVerifiableCredential around a JWT; its media type by the format that the header claims. */
export function enveloped(token: string, mediaType?: string): JsonObject {
  const isFirst = headerOf(token).includes('"JWT"')
  return {
    '@context': 'https://www.w3.org/ns/credentials/v2',
    type: 'EnvelopedVerifiableCredential',
    id: `data:${mediaType ?? (isFirst ? 'application/jwt' : 'application/vc+jwt')},${token}`,
  }
}

function headerOf(token: string): string {
  return Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
}

const audiences = [
  'https://verifier.example/check',
  'https://bank.example',
  'did:web:clinic.example',
]

/** What a verifier asks, with a nonce of its own. */
export function newChallenge({ r }: Tools): Challenge {
  return { nonce: `nonce-${r.below(2 ** 31)}-${r.below(2 ** 31)}`, audience: r.pick(audiences) }
}

/** The verifier's question, now. */
export function policyOf(
  { identity, at }: World,
  challenge: Challenge | undefined,
  change: Partial<Policy> = {},
): Policy {
  const question =
    challenge === undefined
      ? ({ kind: 'certificate' } as const)
      : ({ kind: 'presentation', ...challenge } as const)
  const chain = `eip155:${identity.chainId}`
  return { at, question, chain, deployment: identity, ...change }
}

export type Style = 'bare' | 'file'

/** A certificate, and another token in its place where it was mutated. */
export type Item = Copy & { readonly mutated?: string }

/**
 * Puts tokens into what a holder hands over: bare or in a file, with their proofs or without, bound to a
 * challenge or not; and a verifier that can judge it.
 *
 * @param options.challenge undefined: only the certificate is asked about, nothing is bound.
 * @param options.proofs instead of the certificates' own; the verifier then rests on them.
 */
export function dressed(
  tools: Tools,
  items: readonly Item[],
  options: {
    readonly challenge?: Challenge | undefined
    readonly style?: Style
    readonly proofs?: readonly (InclusionProof | undefined)[]
    readonly twist?: Twist
  } = {},
): { input: string; policy: Policy; verifier: Verifier } {
  const { world, r } = tools
  const { challenge, twist } = options
  const signedAt = new Date(world.at.getTime() - between(r, 0, 200) * 1000)
  const tokens = items.map(({ token, mutated, holder }) => {
    const bare = mutated ?? token
    if (challenge === undefined) return bare
    const key = holder === undefined ? world.stranger : world.holders[holder]!
    return bound(bare, key, challenge, signedAt, twist)
  })
  const proofs = options.proofs ?? items.map(({ proof }) => proof)
  const style = options.style ?? (options.proofs !== undefined || chance(r, 40) ? 'file' : 'bare')
  const entries = tokens.map((token, at) => ({ token, proofs: [proofs[at]] }))
  const isOne = tokens.length === 1
  const input =
    isOne && style === 'bare'
      ? tokens[0]!
      : isOne && chance(r, 50)
        ? writeCertificateFile({ credential: tokens[0]!, proof: proofs[0] })
        : writePresentationFile(
            style === 'bare' ? tokens.map((token) => ({ token, proofs: [] })) : entries,
          )
  const restsOnProofs = options.proofs !== undefined || (style === 'file' && chance(r, 50))
  const verifier = verifierOf(world, { hasMirror: !restsOnProofs })
  return { input, policy: policyOf(world, challenge), verifier }
}
