import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importPublicKey, verifySignature } from '#primitives'
import { openIntegritySigner } from '../../../src/adapters/keys/integritySigner.ts'
import { openKeyStore } from '../../../src/adapters/keys/store.ts'
import { jwkOfDidKey } from '../../../src/identity/didKey.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-keys-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the key of Data Integrity proofs', () => {
  const open = () => openKeyStore(join(folder, 'keys.json'), { passphrase: 'sample passphrase' })

  test('is made once, and is the same when the store is opened again', async () => {
    const first = await openIntegritySigner(await open())
    const again = await openIntegritySigner(await open())
    expect(again.did).toBe(first.did)
    expect(first.keyUrl).toBe(`${first.did}#${first.did.slice('did:key:'.length)}`)
    const hash = new Uint8Array(64).fill(7)
    const key = importPublicKey(jwkOfDidKey(first.did))
    expect(verifySignature(key, hash, await again.sign(hash))).toBe(true)
  })

  test('lies in the store encrypted, and is loaded for no other purpose', async () => {
    const keys = await open()
    const { d } = await keys.load('integrity-1', 'integrity')
    expect(await readFile(join(folder, 'keys.json'), 'utf8')).not.toContain(d)
    await expect(keys.load('integrity-1', 'assertion')).rejects.toThrow('key/unknown')
  })

  test('is of Ed25519: a key of another kind is not taken for it', async () => {
    const keys = await open()
    const other = await keys.create('assertion-1', 'assertion')
    const { d } = await keys.load(other.id, 'assertion')
    await expect(keys.add('integrity-2', 'integrity', { ...other.publicJwk, d })).rejects.toThrow(
      'credential/bad-key',
    )
  })
})
