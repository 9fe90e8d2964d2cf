import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { createAgent } from '@veramo/core'
import type { ICredentialPlugin, IDIDManager, IKeyManager, IResolver } from '@veramo/core-types'
import { CredentialProviderJWT } from '@veramo/credential-jwt'
import { CredentialPlugin } from '@veramo/credential-w3c'
import { DIDManager, MemoryDIDStore } from '@veramo/did-manager'
import { EthrDIDProvider } from '@veramo/did-provider-ethr'
import { DIDResolverPlugin } from '@veramo/did-resolver'
import { KeyManager, MemoryKeyStore, MemoryPrivateKeyStore } from '@veramo/key-manager'
import { KeyManagementSystem } from '@veramo/kms-local'
import { sampleRecord } from '../samples/records.ts'
import { type Figure, timed } from './measure.ts'

const claimsOf = (row: number) => {
  const { term: _, ...claims } = sampleRecord('real-estate-title', row, 1)
  return claims
}

/** Veramo 7 with its own JWT provider and key store; no anchor, no status, nothing stored on disk. */
export async function measureVeramo(count: number): Promise<Figure[]> {
  const network = {
    name: 'sample',
    chainId: 510182,
    rpcUrl: 'http://127.0.0.1:9',
    registry: `0x${'1'.repeat(40)}`,
  }
  const documents = new Map<string, object>()
  const agent = createAgent<IDIDManager & IKeyManager & IResolver & ICredentialPlugin>({
    plugins: [
      new KeyManager({
        store: new MemoryKeyStore(),
        kms: { local: new KeyManagementSystem(new MemoryPrivateKeyStore()) },
      }),
      new DIDManager({
        store: new MemoryDIDStore(),
        defaultProvider: 'did:ethr',
        providers: {
          'did:ethr': new EthrDIDProvider({ defaultKms: 'local', networks: [network] }),
        },
      }),
      new DIDResolverPlugin({
        ethr: async (did: string) => ({
          didResolutionMetadata: {},
          didDocumentMetadata: {},
          didDocument: documents.get(did) as never,
        }),
      }),
      new CredentialPlugin([new CredentialProviderJWT()]),
    ],
  })
  const { did, keys } = await agent.didManagerCreate({
    kms: 'local',
    options: { network: 'sample' },
  })
  documents.set(did, {
    id: did,
    verificationMethod: [
      {
        id: `${did}#controller`,
        type: 'EcdsaSecp256k1VerificationKey2019',
        controller: did,
        publicKeyHex: keys[0]!.publicKeyHex,
      },
    ],
    authentication: [`${did}#controller`],
    assertionMethod: [`${did}#controller`],
  })
  const tokens: string[] = []
  const issued = await timed('Veramo 7: issue (sign only)', count, async () => {
    for (let row = 1; row <= count; row += 1) {
      const credential = {
        '@context': ['https://www.w3.org/2018/credentials/v1'],
        type: ['VerifiableCredential'],
        issuer: { id: did },
        credentialSubject: { id: did, ...claimsOf(row) },
      }
      const { proof } = await agent.createVerifiableCredential({ credential, proofFormat: 'jwt' })
      tokens.push(proof.jwt as string)
    }
  })
  const checked = await timed('Veramo 7: verify (signature only)', count, async () => {
    for (const credential of tokens) {
      const { verified } = await agent.verifyCredential({ credential })
      if (!verified) throw new Error('Veramo refuses its own credential')
    }
  })
  return [issued, checked]
}

/** @sd-jwt/sd-jwt-vc 0.19 over node:crypto; ten disclosable claims, no anchor, no status, nothing stored. */
export async function measureSdJwt(count: number): Promise<Figure[]> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const encoding = { dsaEncoding: 'ieee-p1363' } as const
  const library = new SDJwtVcInstance({
    signer: async (data: string) =>
      sign('sha256', Buffer.from(data), { key: privateKey, ...encoding }).toString('base64url'),
    verifier: async (data: string, signature: string) =>
      verify(
        'sha256',
        Buffer.from(data),
        { key: publicKey, ...encoding },
        Buffer.from(signature, 'base64url'),
      ),
    signAlg: 'ES256',
    hasher: async (data: string | ArrayBuffer) =>
      new Uint8Array(
        createHash('sha256')
          .update(typeof data === 'string' ? data : new Uint8Array(data))
          .digest(),
      ),
    hashAlg: 'sha-256',
    saltGenerator: async (length: number) => randomBytes(length).toString('base64url'),
  })
  const visible = ['title_number', 'registry', 'registered_on']
  const tokens: string[] = []
  const issued = await timed('@sd-jwt/sd-jwt-vc: issue (sign only)', count, async () => {
    for (let row = 1; row <= count; row += 1) {
      const claims = claimsOf(row)
      const payload = {
        iss: 'https://issuer.example',
        iat: 1_790_000_000,
        vct: 'urn:sample',
        ...claims,
      }
      const _sd = Object.keys(claims).filter((name) => !visible.includes(name))
      tokens.push(await library.issue(payload, { _sd } as never))
    }
  })
  const checked = await timed('@sd-jwt/sd-jwt-vc: verify (signature only)', count, async () => {
    for (const token of tokens) await library.verify(token)
  })
  return [issued, checked]
}
