import { createECDH } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateKeyPair, importPrivateKey } from '#primitives'
import { openKeyStore } from '../../../src/adapters/keys/store.ts'
import { isWeirError } from '../../../src/errors.ts'
import { addressOf } from '../../../src/identity/address.ts'

let folder: string
let path: string
let keyFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-keys-'))
  path = join(folder, 'deep', 'keys.json')
  keyFile = join(folder, 'key')
  writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 })
})
afterEach(() => rmSync(folder, { recursive: true }))

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error) => (isWeirError(error) ? error.code : error),
  )
type File = {
  check: string
  derivation: { salt: string }
  keys: { id: string; purpose: string; sealed: string }[]
}
const read = () => JSON.parse(readFileSync(path, 'utf8')) as File
function edit(change: (file: File) => void): void {
  const file = read()
  change(file)
  writeFileSync(path, JSON.stringify(file))
}

describe('a key store', () => {
  test('gives back what it made, after being opened again', async () => {
    const store = await openKeyStore(path, { keyFile })
    expect(await store.list()).toEqual([])
    const made = await store.create('assertion-1', 'assertion')
    const account = await store.create('account', 'account')
    const again = await openKeyStore(path, { keyFile })
    expect(await again.list()).toEqual([made, account])
    const key = await again.load('assertion-1', 'assertion')
    expect(importPrivateKey(key).alg).toBe('ES256')
    expect(importPrivateKey(await again.load('account', 'account')).alg).toBe('ES256K')
    await again.remove('assertion-1')
    expect(await codeOf(again.load('assertion-1', 'assertion'))).toBe('key/unknown')
    expect(await codeOf(again.remove('assertion-1'))).toBe('key/unknown')
  })

  test('takes in a chain account, whose address is Ethereum’s', async () => {
    // The first account of the well-known test mnemonic "test test ... junk".
    const d = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
    const ecdh = createECDH('secp256k1')
    ecdh.setPrivateKey(d, 'hex')
    const point = ecdh.getPublicKey()
    const publicJwk = {
      kty: 'EC',
      crv: 'secp256k1',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    }
    const store = await openKeyStore(path, { keyFile })
    const key = { ...publicJwk, d: Buffer.from(d, 'hex').toString('base64url') }
    const stored = await store.add('account', 'account', key)
    expect(addressOf(stored.publicJwk)).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
    expect(await store.load('account', 'account')).toEqual(key)
  })

  test('keeps one key a name, each for its purpose and its curve', async () => {
    const store = await openKeyStore(path, { keyFile })
    await store.create('one', 'assertion')
    expect(await codeOf(store.create('one', 'status'))).toBe('key/exists')
    expect(await codeOf(store.load('one', 'status'))).toBe('key/unknown')
    for (const id of ['', 'a b', '../a', 'a'.repeat(161), '名']) {
      expect(await codeOf(store.create(id, 'assertion')), id).toBe('key/bad-id')
    }
    const { privateJwk } = generateKeyPair()
    expect(await codeOf(store.add('two', 'account', privateJwk))).toBe('credential/bad-key')
    const other = generateKeyPair().privateJwk
    expect(await codeOf(store.add('two', 'assertion', { ...privateJwk, d: other.d }))).toBe(
      'credential/bad-key',
    )
  })

  test('changes made at once all last', async () => {
    const store = await openKeyStore(path, { keyFile })
    const ids = Array.from({ length: 20 }, (_, i) => `key-${i}`)
    await Promise.all(ids.map((id) => store.create(id, 'holder')))
    expect((await store.list()).map(({ id }) => id)).toEqual(ids)
    expect(readdirSync(join(folder, 'deep'))).toEqual(['keys.json'])
  })
})

describe('K2: a disk that does not take the file', () => {
  test('is said to be one, and what was there stays whole', async () => {
    const store = await openKeyStore(path, { keyFile })
    const made = await store.create('one', 'assertion')
    const before = readFileSync(path)
    // A folder of the file's name: the rename at the end fails, after everything was written.
    rmSync(path)
    mkdirSync(join(path, 'in the way'), { recursive: true })
    expect(await codeOf(store.create('two', 'assertion'))).toBe('key/unavailable')
    expect(readdirSync(join(folder, 'deep'))).toEqual(['keys.json'])
    rmSync(path, { recursive: true })
    writeFileSync(path, before, { mode: 0o600 })
    expect(await store.list()).toEqual([made])
    expect(await codeOf(store.create('two', 'assertion'))).toBe('accepted')
    // A file where the folder should be.
    const blocked = await openKeyStore(join(keyFile, 'keys.json'), { keyFile }).catch(
      (error) => error,
    )
    expect(blocked).toMatchObject({ code: 'key/unavailable' })
  })
})

describe('L1: keys at rest', () => {
  test('are nowhere in the file, in no spelling, and the file is for its owner only', async () => {
    const store = await openKeyStore(path, { passphrase: 'correct horse battery' })
    const jwks = []
    for (const purpose of ['assertion', 'status', 'account'] as const) {
      await store.create(purpose, purpose)
      jwks.push(await store.load(purpose, purpose))
    }
    const text = readFileSync(path)
    for (const { d } of jwks) {
      const bytes = Buffer.from(d, 'base64url')
      for (const form of [bytes, bytes.toString('hex'), bytes.toString('base64'), d]) {
        expect(text.includes(form)).toBe(false)
      }
    }
    expect(text.includes('correct horse')).toBe(false)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('are in no error: neither its text, its detail nor its cause', async () => {
    const store = await openKeyStore(path, { keyFile })
    const { privateJwk } = generateKeyPair()
    const other = generateKeyPair().privateJwk
    const errors: string[] = []
    for (const run of [
      () => store.add('one', 'assertion', { ...privateJwk, d: other.d }),
      () => store.add('one', 'assertion', { ...privateJwk, d: `${privateJwk.d}=` }),
      () => store.add('one', 'account', privateJwk),
      () => store.add('bad id', 'assertion', privateJwk),
      () => openKeyStore(path, { passphrase: privateJwk.d.slice(0, 11) }),
    ]) {
      await run().catch((error) => errors.push(inspect(error, { depth: 20, showHidden: true })))
    }
    expect(errors).toHaveLength(5)
    for (const text of errors) {
      expect(text).not.toContain(privateJwk.d.slice(0, 11))
      expect(text).not.toContain(other.d)
    }
  })

  test('are refused where others may read them, or the secret', async () => {
    const store = await openKeyStore(path, { keyFile })
    await store.create('one', 'assertion')
    chmodSync(path, 0o644)
    expect(await codeOf(store.list())).toBe('key/open-to-others')
    expect(await codeOf(openKeyStore(path, { keyFile }))).toBe('key/open-to-others')
    chmodSync(path, 0o600)
    chmodSync(keyFile, 0o640)
    expect(await codeOf(openKeyStore(path, { keyFile }))).toBe('key/open-to-others')
  })

  test('need a secret worth the name', async () => {
    expect(await codeOf(openKeyStore(path, { passphrase: '' }))).toBe('key/weak-secret')
    expect(await codeOf(openKeyStore(path, { passphrase: '12345678901' }))).toBe('key/weak-secret')
    expect(await codeOf(openKeyStore(path, { keyFile: join(folder, 'none') }))).toBe('key/no-file')
    writeFileSync(keyFile, 'short')
    expect(await codeOf(openKeyStore(path, { keyFile }))).toBe('key/weak-secret')
  })
})

describe('L2: what was tampered with fails as such', () => {
  test('another passphrase or key file opens nothing, even where there is no key yet', async () => {
    const store = await openKeyStore(path, { passphrase: 'correct horse battery' })
    await store.create('one', 'assertion')
    await store.remove('one')
    expect(await codeOf(openKeyStore(path, { passphrase: 'correct horse batterz' }))).toBe(
      'key/wrong-secret',
    )
    expect(await codeOf(openKeyStore(path, { keyFile }))).toBe('key/wrong-secret')
    expect(await codeOf(openKeyStore(path, { passphrase: 'correct horse battery' }))).toBe(
      'accepted',
    )
  })

  test('any flipped bit of a sealed key is found', async () => {
    const store = await openKeyStore(path, { keyFile })
    await store.create('one', 'assertion')
    const bytes = Buffer.from(read().keys[0]!.sealed, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      edit((file) => {
        file.keys[0]!.sealed = changed.toString('base64url')
      })
      expect(await codeOf(store.load('one', 'assertion'))).toBe('key/not-authentic')
    }
    for (const sealed of ['', 'AAAA', bytes.subarray(0, 20).toString('base64url')]) {
      edit((file) => {
        file.keys[0]!.sealed = sealed
      })
      expect(await codeOf(store.load('one', 'assertion'))).toBe('key/not-authentic')
    }
  })

  test('keys cannot be swapped, renamed or put to another purpose', async () => {
    const store = await openKeyStore(path, { keyFile })
    await store.create('one', 'assertion')
    await store.create('two', 'assertion')
    const original = readFileSync(path)
    const tricks: ((file: File) => void)[] = [
      ({ keys: [one, two] }) => {
        const { sealed } = one!
        one!.sealed = two!.sealed
        two!.sealed = sealed
      },
      ({ keys: [one] }) => {
        one!.purpose = 'status'
      },
      ({ keys }) => {
        keys.pop()
        keys[0]!.id = 'two'
      },
      ({ keys: [one, two] }) => {
        Object.assign(one!, { publicJwk: (two as unknown as { publicJwk: object }).publicJwk })
      },
    ]
    for (const trick of tricks) {
      writeFileSync(path, original)
      edit(trick)
      const { id, purpose } = read().keys[0]!
      expect(await codeOf(store.load(id, purpose as 'assertion'))).toBe('key/not-authentic')
    }
  })

  test('a damaged file is said to be one', async () => {
    const store = await openKeyStore(path, { keyFile })
    await store.create('one', 'assertion')
    const good = read()
    for (const file of [
      '',
      '{',
      'null',
      '[]',
      '{}',
      JSON.stringify({ ...good, weirKeyStore: 2 }),
      JSON.stringify({ ...good, keys: {} }),
      JSON.stringify({ ...good, keys: [good.keys[0], good.keys[0]] }),
      JSON.stringify({ ...good, keys: [{ ...good.keys[0], purpose: 'constructor' }] }),
      JSON.stringify({ ...good, derivation: { name: 'none', salt: good.derivation.salt } }),
      JSON.stringify({ ...good, derivation: { name: 'hkdf-sha256', salt: '' } }),
      JSON.stringify({ ...good, derivation: { ...good.derivation, name: 'scrypt', n: 2 } }),
      JSON.stringify({ ...good, derivation: { ...good.derivation, name: 'scrypt', n: 2 ** 40 } }),
    ]) {
      writeFileSync(path, file)
      expect(await codeOf(openKeyStore(path, { keyFile })), file.slice(0, 60)).toBe(
        'key/damaged-store',
      )
    }
  })

  test('L2: what it seals for elsewhere opens with the same store, context and bits only', async () => {
    const store = await openKeyStore(path, { keyFile })
    const made = await store.create('one', 'assertion')
    const sealed = store.seal('a session', new TextEncoder().encode('sample secret'))
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('sample secret')
    const again = await openKeyStore(path, { keyFile })
    expect(Buffer.from(again.unseal('a session', sealed)).toString()).toBe('sample secret')
    const code = (open: () => unknown) => codeOf((async () => open())())
    const changed = (sealed[0] === 'A' ? 'B' : 'A') + sealed.slice(1)
    expect(await code(() => again.unseal('another session', sealed))).toBe('key/not-authentic')
    expect(await code(() => again.unseal('a session', changed))).toBe('key/not-authentic')
    // A key of the store never opens as a session's secret.
    const key = read().keys.find(({ id }) => id === made.id)!.sealed
    expect(await code(() => again.unseal('one', key))).toBe('key/not-authentic')
  })
})
