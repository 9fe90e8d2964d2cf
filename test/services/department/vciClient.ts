import { createHash, randomBytes } from 'node:crypto'
import {
  clientAuthenticationAnonymous,
  clientAuthenticationNone,
  type JwtSigner,
  setGlobalConfig,
} from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import type { JsonObject } from '../../../src/credential/model.ts'
import { signedJwt, type WalletKey } from '../../support/wallet.ts'

// The services of a test speak plain http on loopback.
setGlobalConfig({ allowInsecureUrls: true })

/** The client of `@openid4vc/openid4vci` over sample keys; with a client id it is no anonymous wallet. */
export function openid4vciClient(keys: readonly WalletKey[], clientId?: string): Openid4vciClient {
  return new Openid4vciClient({
    callbacks: {
      fetch,
      hash: (bytes, algorithm) =>
        createHash(algorithm.replace('-', '')).update(bytes).digest() as Uint8Array<ArrayBuffer>,
      generateRandom: (length) => randomBytes(length),
      clientAuthentication:
        clientId === undefined
          ? clientAuthenticationAnonymous()
          : clientAuthenticationNone({ clientId }),
      signJwt: (signer, { header, payload }) => {
        const key = keys.find((one) => isOf(one, signer))!
        const jwt = signedJwt(key, header as JsonObject, payload as JsonObject)
        return { jwt, signerJwk: key.publicJwk }
      },
    },
  })
}

function isOf({ publicJwk }: WalletKey, signer: JwtSigner): boolean {
  return signer.method === 'jwk' && signer.publicJwk.x === publicJwk.x
}

/** How the library names a signer. */
export function jwkSigner({ publicJwk }: WalletKey) {
  const alg = { 'P-256': 'ES256', secp256k1: 'ES256K', Ed25519: 'EdDSA' }[publicJwk.crv]!
  return { method: 'jwk' as const, alg, publicJwk }
}
