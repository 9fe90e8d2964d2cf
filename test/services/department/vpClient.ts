import { createHash, randomBytes, verify, X509Certificate } from 'node:crypto'
import { setGlobalConfig } from '@openid4vc/oauth2'
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { SDJwtInstance } from '@sd-jwt/core'
import { CompactEncrypt, importJWK } from 'jose'
import {
  encodeBase64url,
  importPrivateKey,
  importPublicKey,
  sign,
  verifySignature,
} from '#primitives'
import type { WalletKey } from '../../support/wallet.ts'

// The services of a test speak plain http on loopback.
setGlobalConfig({ allowInsecureUrls: true })

/** A key by its DID URL, as a resolver would find it. */
export type KeysByUrl = (didUrl: string) => Promise<readonly object[]>

/** The client of `@openid4vc/openid4vp`; it trusts whoever signs, as certificates or DID keys say. */
export function openid4vpClient(keysOf: KeysByUrl, fetching = fetch): Openid4vpClient {
  return new Openid4vpClient({
    callbacks: {
      fetch: fetching,
      hash: (bytes, algorithm) =>
        createHash(algorithm.replace('-', '')).update(bytes).digest() as Uint8Array<ArrayBuffer>,
      signJwt: () => {
        throw new Error('nothing to sign')
      },
      decryptJwe: () => {
        throw new Error('nothing to decrypt')
      },
      encryptJwe: async ({ publicJwk, alg, enc, apv }, data) => {
        const jwe = await new CompactEncrypt(new TextEncoder().encode(data))
          .setProtectedHeader({
            alg,
            enc,
            ...(publicJwk.kid && { kid: publicJwk.kid }),
            ...(apv && { apv }),
          })
          .encrypt(await importJWK(publicJwk as never, alg))
        return { jwe, encryptionJwk: publicJwk }
      },
      verifyJwt: async (signer, { compact }) => {
        const dot = compact.lastIndexOf('.')
        const input = Buffer.from(compact.slice(0, dot))
        const signature = Buffer.from(compact.slice(dot + 1), 'base64url')
        if (signer.method === 'x5c') {
          const { publicKey } = new X509Certificate(Buffer.from(signer.x5c[0]!, 'base64'))
          const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
          return verify('sha256', input, key, signature)
            ? { verified: true, signerJwk: publicKey.export({ format: 'jwk' }) as never }
            : { verified: false }
        }
        if (signer.method !== 'did') return { verified: false }
        const keys = await keysOf(signer.didUrl)
        const good = keys.find((jwk) =>
          verifySignature(importPublicKey(jwk as never), input, new Uint8Array(signature)),
        )
        return good ? { verified: true, signerJwk: good as never } : { verified: false }
      },
      getX509CertificateMetadata: (certificate) => {
        const names = new X509Certificate(Buffer.from(certificate, 'base64')).subjectAltName ?? ''
        const of = (kind: string) =>
          names
            .split(', ')
            .filter((name) => name.startsWith(`${kind}:`))
            .map((name) => name.slice(kind.length + 1))
        return { sanDnsNames: of('DNS'), sanUriNames: of('URI') }
      },
    },
  })
}

/** A presentation of an SD-JWT by `@sd-jwt/core`. */
export async function sdJwtPresentation(
  token: string,
  { privateJwk }: WalletKey,
  shown: Readonly<Record<string, boolean>>,
  payload: { readonly aud: string; readonly nonce: string; readonly iat: number },
): Promise<string> {
  const library = new SDJwtInstance({
    kbSigner: (data: string) => encodeBase64url(sign(importPrivateKey(privateJwk), data)),
    kbSignAlg: 'ES256',
    hasher: (data: string | ArrayBuffer) =>
      createHash('sha256')
        .update(typeof data === 'string' ? data : new Uint8Array(data))
        .digest(),
    hashAlg: 'sha-256',
    saltGenerator: (length: number) => encodeBase64url(randomBytes(length)),
  })
  return library.present(token, shown as never, { kb: { payload } })
}
