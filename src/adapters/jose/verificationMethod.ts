import { type CryptoKey, importJWK, type JWK } from 'jose'
import { decodeBase64url, encodeBase64url } from '#primitives'
import { readObject, readString, required } from '../../credential/claims.ts'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { thumbprint } from '../../credential/thumbprint.ts'
import { InputError } from '../../errors.ts'

/** A verification method with its key in use (Controlled Identifiers 1.0, section 2.2). */
export type VerificationMethod = {
  /** Absolute URL: what `kid` says. */
  readonly id: string
  readonly controller: string | undefined
  /** What a `kid` may say to name this key: its id, the JWK's `kid`, its RFC 7638 thumbprint. */
  readonly names: readonly string[]
  readonly alg: JoseAlgorithm
  readonly publicKey: CryptoKey
  /** Undefined where the file has no `secretKeyJwk`. */
  readonly secretKey: CryptoKey | undefined
}

/** The algorithm belongs to the curve and to nothing that a token says (RFC 7518, RFC 8037). */
const curves = new Map([
  ['EC P-256', { alg: 'ES256', bytes: 32, signature: 64 }],
  ['EC P-384', { alg: 'ES384', bytes: 48, signature: 96 }],
  ['EC P-521', { alg: 'ES512', bytes: 66, signature: 132 }],
  ['OKP Ed25519', { alg: 'EdDSA', bytes: 32, signature: 64 }],
] as const)

export type JoseAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'EdDSA'

/** Bytes of a raw signature by algorithm. */
export const signatureBytes: ReadonlyMap<string, number> = new Map(
  [...curves.values()].map(({ alg, signature }) => [alg, signature]),
)

/**
 * Reads a verification method: `id`, `controller`, `publicKeyJwk` and, for whoever issues, `secretKeyJwk`.
 *
 * @throws {InputError} `credential/bad-key` for another curve, a `use` or `alg` that does not fit, a point
 *   that is none; `credential/missing-claim`, `credential/bad-claim`, `json/*`.
 */
export async function readVerificationMethod(text: Uint8Array): Promise<VerificationMethod> {
  const method = parseJsonObject(text)
  const id = readString(required(method.id, 'id'), 'id')!
  if (!URL.canParse(id)) throw new InputError('credential/bad-claim', { path: 'id' })
  const jwk = readObject(required(method.publicKeyJwk, 'publicKeyJwk'), 'publicKeyJwk')!
  if (jwk.d !== undefined) throw new InputError('credential/bad-key', { why: 'private' })
  const secret = readObject(method.secretKeyJwk, 'secretKeyJwk')
  const { alg, key, canonical } = membersOf(jwk)
  if (secret !== undefined && membersOf(secret).canonical !== canonical)
    throw new InputError('credential/bad-key', { why: 'halves' })
  const kid = readString(jwk.kid, 'publicKeyJwk.kid')
  const d = secret && coordinate(secret.d, alg === 'EdDSA' ? 32 : curveOf(secret).bytes)
  return {
    id,
    controller: readString(method.controller, 'controller'),
    names: [id, ...(kid === undefined ? [] : [kid]), canonical],
    alg,
    publicKey: await importKey(key, alg),
    secretKey: d === undefined ? undefined : await importKey({ ...key, d }, alg),
  }
}

type Curve = { readonly alg: JoseAlgorithm; readonly bytes: number }

function curveOf(jwk: JsonObject): Curve {
  const curve = curves.get(`${jwk.kty} ${jwk.crv}` as 'EC P-256')
  if (curve === undefined) throw new InputError('credential/bad-key', { why: 'curve' })
  return curve
}

/** The required members and nothing else; `canonical` is the thumbprint, base64url. */
function membersOf(jwk: JsonObject): { alg: JoseAlgorithm; key: JWK; canonical: string } {
  const { alg, bytes } = curveOf(jwk)
  if (jwk.alg !== undefined && jwk.alg !== alg && !(alg === 'EdDSA' && jwk.alg === 'Ed25519'))
    throw new InputError('credential/bad-key', { why: 'alg' })
  if (jwk.use !== undefined && jwk.use !== 'sig')
    throw new InputError('credential/bad-key', { why: 'use' })
  const x = coordinate(jwk.x, bytes)
  if (alg === 'EdDSA' && jwk.y !== undefined)
    throw new InputError('credential/bad-key', { why: 'y' })
  const point = alg === 'EdDSA' ? { x } : { x, y: coordinate(jwk.y, bytes) }
  const key = { kty: jwk.kty as string, crv: jwk.crv as string, ...point }
  return { alg, key, canonical: encodeBase64url(thumbprint(key)) }
}

function coordinate(value: unknown, bytes: number): string {
  if (typeof value !== 'string' || decodeBase64url(value).length !== bytes)
    throw new InputError('credential/bad-key', { why: 'length' })
  return value
}

async function importKey(jwk: JWK, alg: string): Promise<CryptoKey> {
  try {
    return (await importJWK(jwk, alg)) as CryptoKey
  } catch (cause) {
    throw new InputError('credential/bad-key', { why: 'point', cause })
  }
}
