import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { encodeBase64url, importPrivateKey, sign } from '#primitives'
import type { JsonObject, PublicJwk } from '../../src/credential/model.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'

/** A key of a sample wallet. */
export type WalletKey = { readonly privateJwk: PrivateJwk; readonly publicJwk: PublicJwk }

const algorithms: Record<string, string> = {
  'P-256': 'ES256',
  secp256k1: 'ES256K',
  Ed25519: 'EdDSA',
}

/** A new key of one of the three curves. */
export function walletKey(curve: 'P-256' | 'secp256k1' | 'Ed25519' = 'P-256'): WalletKey {
  const { privateKey }: { privateKey: KeyObject } =
    curve === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: curve })
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' }) as Required<PrivateJwk>
  const publicJwk = y === undefined ? { kty, crv, x } : { kty, crv, x, y }
  return { publicJwk, privateJwk: { ...publicJwk, d } }
}

/** A JWT signed as it stands; `alg` is the key's where the header says nothing. */
export function signedJwt(
  key: WalletKey,
  header: JsonObject,
  payload: JsonObject | string,
): string {
  const whole = { alg: algorithms[key.publicJwk.crv]!, ...header }
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const input = `${encodeBase64url(JSON.stringify(whole))}.${encodeBase64url(body)}`
  return `${input}.${encodeBase64url(sign(importPrivateKey(key.privateJwk), input))}`
}

/** Seconds since 1970. */
export function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

/** A key proof for a credential request. */
export function keyProof(
  key: WalletKey,
  payload: { aud: string; nonce: string; iat: number } & JsonObject,
  header: JsonObject = { jwk: { ...key.publicJwk } },
): string {
  return signedJwt(key, { typ: 'openid4vci-proof+jwt', ...header }, payload)
}

let counter = 0

/** A DPoP proof. */
export function dpopProof(
  key: WalletKey,
  payload: { htm: string; htu: string; iat: number } & JsonObject,
): string {
  counter += 1
  const header = { typ: 'dpop+jwt', jwk: { ...key.publicJwk } }
  return signedJwt(key, header, { jti: `sample-${counter}-${Math.random()}`, ...payload })
}
