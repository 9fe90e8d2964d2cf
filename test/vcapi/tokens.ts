import { encodeBase64url, generateKeyPair, importPrivateKey, sign } from '#primitives'
import { didJwk, didJwkUrl } from '../../src/credential/didJwk.ts'
import type { JsonObject } from '../../src/credential/model.ts'
import { multibase58 } from '../../src/identity/base58.ts'
import { multikeyValue } from '../../src/identity/multikey.ts'
import { concat } from '../../src/primitives/bytes.ts'
import type { PrivateJwk, PublicJwk } from '../../src/primitives/model.ts'
import { newIntegrityKey } from '../adapters/dataIntegrity/keys.ts'

/** Somebody with a key that is its own DID. */
export type Party = {
  readonly did: string
  readonly kid: string
  readonly alg: 'ES256' | 'EdDSA'
  readonly jwk: PublicJwk
  /** A compact JWS; `typ` undefined leaves it out. */
  jws(typ: string | undefined, payload: JsonObject, head?: JsonObject): string
}

function party(did: string, kid: string, privateJwk: PrivateJwk): Party {
  const { d: _, ...jwk } = privateJwk
  const key = importPrivateKey(privateJwk)
  const alg = key.alg as Party['alg']
  return {
    did,
    kid,
    alg,
    jwk,
    jws(typ, payload, head = {}) {
      const header = { alg, ...(typ !== undefined && { typ }), kid, ...head }
      const input = [header, payload].map((part) => encodeBase64url(JSON.stringify(part))).join('.')
      return `${input}.${encodeBase64url(sign(key, input))}`
    },
  }
}

/** A did:key of Ed25519. */
export function ed25519Party(): Party {
  const key = newIntegrityKey()
  const bytes = Buffer.from(key.x, 'base64url')
  const name = multibase58(concat(Uint8Array.of(0xed, 0x01), bytes))
  return party(`did:key:${name}`, `did:key:${name}#${name}`, key)
}

/** A did:key of P-256. */
export function p256Party(): Party {
  const { privateJwk, publicJwk } = generateKeyPair()
  const name = multibase58(multikeyValue(publicJwk))
  return party(`did:key:${name}`, `did:key:${name}#${name}`, privateJwk)
}

/** A did:jwk of P-256. */
export function jwkParty(): Party {
  const { privateJwk, publicJwk } = generateKeyPair()
  return party(didJwk(publicJwk), didJwkUrl(publicJwk), privateJwk)
}
