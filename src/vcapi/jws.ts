import { decodeBase64url } from '#primitives'
import { readSeconds, readString } from '../credential/claims.ts'
import { isJsonObject, parseJsonObject } from '../credential/json.ts'
import { parseJws, type TokenType, textOf } from '../credential/jws.ts'
import type { JsonObject } from '../credential/model.ts'
import { resolveDisclosures } from '../credential/sdjwt.ts'
import { splitToken } from '../credential/token.ts'
import { InputError } from '../errors.ts'
import { contextOf, refuse } from '../vcdm/read.ts'
import type { Period } from '../vcdm/validity.ts'

/** A secured token taken apart; nothing of it verified. */
export type SecuredToken = {
  readonly token: string
  readonly alg: string
  readonly kid: string | undefined
  readonly x5c: readonly Uint8Array[] | undefined
  readonly signingInput: string
  readonly signature: Uint8Array
  /** Disclosures put in place. */
  readonly payload: JsonObject
  /** The W3C document: the payload, or what older software puts into `vc` or `vp`; undefined: SD-JWT VC. */
  readonly document: JsonObject | undefined
  /** `nbf` and `exp`. */
  readonly period: Period
}

const kinds = {
  credential: { types: ['vc+jwt', 'vc+sd-jwt', 'dc+sd-jwt'], claim: 'vc' },
  presentation: { types: ['vp+jwt'], claim: 'vp' },
} as const satisfies Record<string, { types: readonly TokenType[]; claim: string }>
export type TokenKind = keyof typeof kinds

/** Media types that name one `typ` only. */
const typOfMediaType: Readonly<Record<string, string>> = {
  'application/vc+sd-jwt': 'vc+sd-jwt',
  'application/dc+sd-jwt': 'dc+sd-jwt',
}

/**
 * Reads a token of any issuer. A `typ` that is missing or `JWT` is told apart by its claim `vc` or `vp`, as
 * VC Data Model 1.1 has it: a token of one kind never passes for another.
 *
 * @throws {InputError} `credential/...`, `json/...`, `vcdm/bad-envelope`
 * @see VC-JOSE-COSE, sections 3.1 and 3.2
 */
export function readToken(token: string, kind: TokenKind, mediaType?: string): SecuredToken {
  const { jwt, disclosures } = splitToken(token)
  const { types, claim } = kinds[kind]
  const head = parseJsonObject(textOf(jwt.slice(0, Math.max(jwt.indexOf('.'), 0))))
  const isUntyped = head.typ === undefined || head.typ === 'JWT'
  const jws = isUntyped ? parseUntyped(jwt, head) : parseJws(jwt, types)
  const isSelective = head.typ === 'vc+sd-jwt' || head.typ === 'dc+sd-jwt'
  const named = mediaType === undefined ? undefined : typOfMediaType[mediaType]
  if ((named !== undefined && named !== head.typ) || isSelective !== (disclosures !== undefined)) {
    throw refuse('vcdm/bad-envelope', 'id', 'media type')
  }
  const payload = isSelective
    ? resolveDisclosures(jws.payload, disclosures ?? [], (member) => !fixed.includes(member))
        .payload
    : jws.payload
  return {
    token,
    alg: jws.alg,
    kid: jws.kid,
    x5c: jws.x5c,
    signingInput: jws.signingInput,
    signature: jws.signature,
    payload,
    document: head.typ === 'dc+sd-jwt' ? undefined : documentOf(payload, claim, isUntyped),
    period: { from: readSeconds(payload.nbf, 'nbf'), until: readSeconds(payload.exp, 'exp') },
  }
}

/** Members that no issuer may hide: who says it, until when, bound to whom, and where its status stands. */
const fixed = [
  ...['iss', 'iat', 'nbf', 'exp', 'cnf', 'vct', 'status', 'salt', 'weir'],
  ...['@context', 'type', 'issuer', 'validFrom', 'validUntil', 'credentialStatus'],
]

/** A JWS without a type of its own; every other rule of `parseJws` holds. */
function parseUntyped(jwt: string, head: JsonObject) {
  if (head.typ === 'JWT') return parseJws(jwt, ['JWT'])
  const [, payload = '', signature = '', ...more] = jwt.split('.')
  const { alg, kid } = head
  if (more.length > 0) throw new InputError('credential/malformed', { why: 'parts' })
  if (alg !== 'ES256' && alg !== 'ES256K' && alg !== 'EdDSA') {
    throw new InputError('credential/alg-not-allowed')
  }
  if (Object.keys(head).some((member) => member !== 'alg' && member !== 'kid')) {
    throw new InputError('credential/header-not-allowed', { why: 'member' })
  }
  const bytes = decodeBase64url(signature)
  if (bytes.length !== 64) throw new InputError('credential/malformed', { why: 'signature length' })
  return {
    alg,
    kid: readString(kid, 'kid'),
    x5c: undefined,
    payload: parseJsonObject(textOf(payload)),
    signingInput: jwt.slice(0, jwt.lastIndexOf('.')),
    signature: bytes,
  }
}

function documentOf(payload: JsonObject, claim: 'vc' | 'vp', isUntyped: boolean): JsonObject {
  const inner = payload[claim]
  // VC-JOSE-COSE section 1.1.2.1: `vc` and `vp` are not used with the data model's own media types.
  if (isUntyped !== isJsonObject(inner)) throw refuse('vcdm/bad-envelope', claim)
  if (!isJsonObject(inner)) return payload
  return claim === 'vc' ? withClaims(inner, payload) : inner
}

/** VC Data Model 1.1 section 6.3.1: what the JWT says stands for the same member of the credential. */
function withClaims(vc: JsonObject, { iss, nbf }: JsonObject): JsonObject {
  const from = vc.issuanceDate === undefined ? readSeconds(nbf, 'nbf') : undefined
  const isOlder = Array.isArray(vc['@context']) && vc['@context'][0] === contextOf['1.1']
  return {
    ...vc,
    ...(vc.issuer === undefined && iss !== undefined && { issuer: iss }),
    ...(isOlder && from && { issuanceDate: from.toISOString() }),
  }
}
