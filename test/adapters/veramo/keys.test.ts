import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeBase64url, encodeBase64url, importPublicKey, verifySignature } from '#primitives'
import { createPool, type Pool } from '../../../src/adapters/keys/pool.ts'
import { localSigner } from '../../../src/adapters/keys/signer.ts'
import { type KeyStore, openKeyStore } from '../../../src/adapters/keys/store.ts'
import { createVeramoAgent, type VeramoAgent } from '../../../src/adapters/veramo/agent.ts'
import type { KeyDoor } from '../../../src/adapters/veramo/keys.ts'
import { addressOf } from '../../../src/identity/address.ts'
import { jwkOfMultikey } from '../../../src/identity/multikey.ts'
import { getResolver } from '../../../src/identity/resolver.ts'
import { thumbprint } from '../../../src/identity/thumbprint.ts'
import { bytesFromHex } from '../../../src/primitives/bytes.ts'

let folder: string
let store: KeyStore
let pool: Pool
let agent: VeramoAgent
const published: unknown[] = []
const chainId = 0x4d2

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-veramo-'))
  const keyFile = join(folder, 'key')
  writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 })
  store = await openKeyStore(join(folder, 'keys.json'), { keyFile })
  pool = createPool(1)
  published.length = 0
  const keys: KeyDoor = {
    list: () => store.list(),
    create: (id, purpose) => store.create(id, purpose as 'assertion'),
    remove: (id) => store.remove(id),
    async signer(id) {
      const found = (await store.list()).find((key) => key.id === id)
      if (found === undefined || found.publicJwk.crv !== 'P-256') return undefined
      const { publicJwk: jwk, purpose } = found
      const key = {
        did: '',
        kid: id,
        thumbprint: thumbprint(jwk),
        jwk,
        alg: 'ES256',
        purpose: purpose as 'assertion',
        x5c: [],
      }
      return localSigner(key, await store.load(id, purpose), pool)
    },
  }
  const events = async () => ({ head: { number: 1, time: new Date(0) }, events: [] })
  agent = await createVeramoAgent({
    chainId,
    identifiers: [],
    keys,
    publish: async (call) => published.push(call),
    resolvers: getResolver({
      chainId,
      source: { history: events, blockTime: async () => undefined },
    }),
    providers: [],
  })
})
afterEach(async () => {
  await pool.close()
  rmSync(folder, { recursive: true })
})

const inputOf = (typ: string) =>
  `${encodeBase64url(JSON.stringify({ alg: 'ES256', typ }))}.${encodeBase64url('{}')}`

describe('an agent on our key store', () => {
  test('makes P-256 keys that sign, and never shows a private one', async () => {
    const key = await agent.keyManagerCreate({ kms: 'weir', type: 'Secp256r1', kid: 'one' })
    expect(key).toMatchObject({ kid: 'one', type: 'Secp256r1', meta: { algorithms: ['ES256'] } })
    const stored = await agent.keyManagerGet({ kid: 'one' })
    expect(JSON.stringify([key, stored])).not.toContain((await store.load('one', 'assertion')).d)
    const input = inputOf('vc+jwt')
    const signature = await agent.keyManagerSign({ keyRef: 'one', data: input, algorithm: 'ES256' })
    const publicJwk = (await store.list())[0]!.publicJwk
    expect(verifySignature(importPublicKey(publicJwk), input, decodeBase64url(signature))).toBe(
      true,
    )
    await agent.keyManagerDelete({ kid: 'one' })
    await expect(agent.keyManagerGet({ kid: 'one' })).rejects.toMatchObject({ code: 'key/unknown' })
  })

  test('L4: signs tokens of the key’s purpose only, and imports and shares nothing', async () => {
    await agent.keyManagerCreate({ kms: 'weir', type: 'Secp256r1', kid: 'one' })
    await agent.keyManagerCreate({ kms: 'weir', type: 'Secp256k1', kid: 'account' })
    const sign = (keyRef: string, data: string, algorithm = 'ES256') =>
      agent.keyManagerSign({ keyRef, data, algorithm })
    await expect(sign('one', inputOf('kb+jwt'))).rejects.toMatchObject({ code: 'key/wrong-kind' })
    await expect(sign('one', 'any bytes')).rejects.toMatchObject({ code: 'key/wrong-kind' })
    for (const [key, algorithm] of [
      ['one', 'ES256K'],
      ['one', 'eth_signMessage'],
      ['account', 'ES256K'],
      ['account', 'eth_signTransaction'],
    ] as const) {
      await expect(sign(key, inputOf('vc+jwt'), algorithm)).rejects.toMatchObject({
        code: 'agent/not-supported',
      })
    }
    const refused = { code: 'agent/not-supported' }
    const imported = { kms: 'weir', type: 'Secp256r1' as const, kid: 'x', privateKeyHex: '11' }
    await expect(agent.keyManagerImport(imported)).rejects.toMatchObject(refused)
    const kid = { kms: 'weir', kid: 'x' }
    await expect(agent.keyManagerCreate({ ...kid, type: 'Ed25519' })).rejects.toMatchObject(refused)
  })

  test('makes a did:ethr in canonical spelling, and shows its key as a Multikey', async () => {
    const identifier = await agent.didManagerCreate({
      provider: 'did:ethr:0x4d2',
      options: { kid: 'account' },
    })
    const account = (await store.list()).find(({ id }) => id === 'account')!
    const address = addressOf(account.publicJwk)
    expect(identifier.did).toBe(`did:ethr:0x4d2:${address}`)
    const resolved = await agent.resolveDid({ didUrl: identifier.did })
    expect(resolved.didDocument?.verificationMethod?.[0]?.blockchainAccountId).toBe(
      `eip155:1234:${address}`,
    )

    const key = await agent.keyManagerCreate({ kms: 'weir', type: 'Secp256r1', kid: 'one' })
    await agent.didManagerAddKey({ did: identifier.did, key })
    expect(published).toEqual([
      {
        call: 'publishKey',
        department: address,
        publicKey: expect.stringMatching(/^0x0[23][0-9a-f]{64}$/),
        validSeconds: 100 * 365 * 86_400,
      },
    ])
    const { publicKey } = published[0] as { publicKey: string }
    const shown = jwkOfMultikey(bytesFromHex(`8024${publicKey.slice(2)}`))
    expect(shown).toEqual((await store.list()).find(({ id }) => id === 'one')?.publicJwk)

    const odd = { ...key, type: 'Secp256k1' as const }
    await expect(agent.didManagerAddKey({ did: identifier.did, key: odd })).rejects.toMatchObject({
      code: 'agent/not-supported',
    })
  })
})
