import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeBase64url, generateKeyPair, importPublicKey, verifySignature } from '#primitives'
import { chunksOf, createPool, type Pool } from '../../../src/adapters/keys/pool.ts'
import { localSigner, nonceMonitor } from '../../../src/adapters/keys/signer.ts'
import { createWorkers } from '../../../src/adapters/keys/workers.ts'
import { isWeirError } from '../../../src/errors.ts'
import { thumbprint } from '../../../src/identity/thumbprint.ts'
import type { SignerKey, SigningKind } from '../../../src/ports/signing.ts'

const did = `did:ethr:0x4d2:0x${'ab12'.repeat(10)}`
const { privateJwk, publicJwk } = generateKeyPair()
const keyFor = (purpose: SignerKey['purpose']): SignerKey => ({
  did,
  kid: `${did}#delegate-1`,
  thumbprint: thumbprint(publicJwk),
  jwk: publicJwk,
  alg: 'ES256',
  purpose,
  x5c: [],
})
const inputOf = (typ: string, payload: unknown = {}, header: object = {}) =>
  `${encodeBase64url(JSON.stringify({ alg: 'ES256', typ, ...header }))}.${encodeBase64url(JSON.stringify(payload))}`

let pool: Pool
beforeAll(() => {
  pool = createPool(2)
})
afterAll(() => pool.close())

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error) => (isWeirError(error) ? error.code : error),
  )

describe('a local signer', () => {
  test.each([1, 8, 9, 1234])('signs %i inputs in their order', async (count) => {
    const signer = localSigner(keyFor('assertion'), privateJwk, pool)
    const inputs = Array.from({ length: count }, (_, i) => inputOf('vc+jwt', { i }))
    const signatures = await signer.sign('credential', inputs)
    const key = importPublicKey(publicJwk)
    expect(signatures).toHaveLength(count)
    for (const [i, signature] of signatures.entries()) {
      expect(signature).toHaveLength(64)
      expect(verifySignature(key, inputs[i]!, signature)).toBe(true)
    }
    expect(verifySignature(key, inputs[0]!, signatures.at(-1)!)).toBe(count === 1)
    await signer.close()
    expect(await codeOf(signer.sign('credential', inputs))).toBe('key/unavailable')
  })

  test('two signers of one pool keep their keys apart', async () => {
    const other = generateKeyPair()
    const otherKey = {
      ...keyFor('assertion'),
      jwk: other.publicJwk,
      thumbprint: thumbprint(other.publicJwk),
    }
    const one = localSigner(keyFor('assertion'), privateJwk, pool)
    const two = localSigner(otherKey, other.privateJwk, pool)
    const inputs = Array.from({ length: 200 }, (_, i) => inputOf('vc+jwt', { i }))
    const [first, second] = await Promise.all([
      one.sign('credential', inputs),
      two.sign('credential', inputs),
    ])
    expect(verifySignature(importPublicKey(publicJwk), inputs[99]!, first[99]!)).toBe(true)
    expect(verifySignature(importPublicKey(other.publicJwk), inputs[99]!, second[99]!)).toBe(true)
    await one.close()
    expect(await codeOf(two.sign('credential', inputs))).toBe('accepted')
  })

  test('a key whose halves do not belong together is refused', () => {
    const other = generateKeyPair()
    for (const [key, jwk] of [
      [keyFor('assertion'), other.privateJwk],
      [{ ...keyFor('assertion'), jwk: other.publicJwk }, privateJwk],
      [{ ...keyFor('assertion'), alg: 'ES256K' }, privateJwk],
    ] as const) {
      expect(() => localSigner(key, jwk, pool)).toThrow(
        expect.objectContaining({ code: 'credential/bad-key' }),
      )
    }
  })
})

describe('L4: the signer is no oracle', () => {
  const fitting: Record<SigningKind, [SignerKey['purpose'][], string[]]> = {
    credential: [['assertion'], ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'JWT']],
    'status-list': [['status'], ['statuslist+jwt', 'vc+jwt']],
    request: [['request'], ['oauth-authz-req+jwt']],
    'key-binding': [['holder'], ['kb+jwt']],
    presentation: [['holder'], ['vp+jwt']],
    'key-proof': [['holder'], ['openid4vci-proof+jwt']],
    'key-proposal': [['assertion', 'status', 'request'], ['weir-key-proposal+jwt']],
  }
  const typs = [...new Set(Object.values(fitting).flatMap(([, all]) => all)), 'at+jwt', 'jwt', '']

  test('A7, L4: each purpose signs its own kinds with their own typ, and nothing else', async () => {
    for (const purpose of ['assertion', 'status', 'request', 'holder'] as const) {
      const signer = localSigner(keyFor(purpose), privateJwk, pool)
      for (const kind of Object.keys(fitting) as SigningKind[]) {
        for (const typ of typs) {
          const [purposes, own] = fitting[kind]
          const expected = purposes.includes(purpose) && own.includes(typ)
          expect(await codeOf(signer.sign(kind, [inputOf(typ)])), `${purpose} ${kind} ${typ}`).toBe(
            expected ? 'accepted' : 'key/wrong-kind',
          )
        }
      }
    }
  })

  test('inputs that are no signing input, or that readers could read in two ways, are refused', async () => {
    const signer = localSigner(keyFor('assertion'), privateJwk, pool)
    const good = inputOf('vc+jwt')
    const [header, payload] = good.split('.') as [string, string]
    const raw = (text: string) => `${encodeBase64url(text)}.${payload}`
    for (const input of [
      '',
      '.',
      header,
      `${header}.`,
      `.${payload}`,
      `${good}.${payload}`,
      `${good}=`,
      `${good}\n`,
      `${good} `,
      `${header}.名`,
      raw('{"alg":"ES256","typ":"kb+jwt","typ":"vc+jwt"}'),
      raw('{"alg":"ES256", "typ":"vc+jwt"}'),
      raw('{"alg":"ES256","typ":"vc\\u002bjwt"}'),
      raw('{"alg":"ES256","typ":["vc+jwt"]}'),
      raw('{"typ":"vc+jwt"}'),
      raw('{"alg":"none","typ":"vc+jwt"}'),
      raw('{"alg":"constructor","typ":"vc+jwt"}'),
      raw('{"alg":"ES256"}'),
      raw('"vc+jwt"'),
      raw('null'),
      raw('{'),
    ]) {
      expect(await codeOf(signer.sign('credential', [input])), input).toBe('key/wrong-kind')
      // One bad input among many, and nothing is signed.
      const many = [...Array.from({ length: 20 }, () => good), input]
      expect(await codeOf(signer.sign('credential', many))).toBe('key/wrong-kind')
    }
  })
})

describe('A12: a generator that repeats itself', () => {
  const signatureWith = (r: number, s: number) => new Uint8Array(64).fill(r, 0, 32).fill(s, 32)

  test('is noticed at the second signature, and the key signs no more', () => {
    const check = nonceMonitor()
    check([signatureWith(1, 1), signatureWith(2, 1)])
    const refused = expect.objectContaining({ code: 'key/repeated-nonce' })
    expect(() => check([signatureWith(1, 2)])).toThrow(refused)
    expect(() => check([signatureWith(3, 3)])).toThrow(refused)
  })

  test('is noticed within one call too, and after many others', () => {
    expect(() => nonceMonitor()([signatureWith(1, 1), signatureWith(1, 2)])).toThrow(
      expect.objectContaining({ code: 'key/repeated-nonce' }),
    )
    const check = nonceMonitor()
    const distinct = (i: number) => {
      const signature = new Uint8Array(64)
      new DataView(signature.buffer).setUint32(0, i)
      return signature
    }
    check(Array.from({ length: 100_000 }, (_, i) => distinct(i)))
    expect(() => check([distinct(99_000)])).toThrow()
  })
})

describe('workers', () => {
  test('verify many signatures, each by its own key, in order', async () => {
    const workers = createWorkers(createPool(2))
    const signer = localSigner(keyFor('assertion'), privateJwk, pool)
    const inputs = Array.from({ length: 300 }, (_, i) => inputOf('vc+jwt', { i }))
    const signatures = await signer.sign('credential', inputs)
    const checks = inputs.map((signingInput, i) => ({
      key: i % 3 === 0 ? generateKeyPair().publicJwk : publicJwk,
      signingInput,
      signature: i % 5 === 0 ? new Uint8Array(64) : signatures[i]!,
    }))
    const expected = inputs.map((_, i) => i % 3 !== 0 && i % 5 !== 0)
    expect(await workers.verifySignatures(checks)).toEqual(expected)
    expect(await workers.verifySignatures(checks.slice(0, 8))).toEqual(expected.slice(0, 8))
    const odd = [
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      { kty: 'EC', crv: 'secp256k1', x: publicJwk.x, y: publicJwk.y },
      { kty: 'OKP', crv: 'constructor', x: publicJwk.x },
    ].map((key) => ({ key, signingInput: inputs[1]!, signature: signatures[1]! }))
    expect(await workers.verifySignatures(odd as never)).toEqual([false, false, false])
    await workers.close()
    expect(await codeOf(workers.verifySignatures(checks))).toBe('key/unavailable')
  })

  test('a draft that is refused in a thread is refused with the same code as here', async () => {
    const workers = createWorkers(createPool(1))
    const draft = { format: 'vc+jwt', header: {}, payload: {}, disclosable: ['/a'] } as const
    const here = await codeOf(workers.prepare([draft]))
    const there = await codeOf(workers.prepare(Array.from({ length: 20 }, () => draft)))
    expect(here).toMatch(/^(credential|json)\//)
    expect(there).toBe(here)
    await workers.close()
  })

  test('closing waits for what runs, and stops the threads by asking', async () => {
    const own = createPool(2)
    const signer = localSigner(keyFor('assertion'), privateJwk, own)
    const inputs = Array.from({ length: 2000 }, (_, i) => inputOf('vc+jwt', { i }))
    const running = signer.sign('credential', inputs)
    await Promise.resolve()
    const [signatures] = await Promise.all([running, own.close()])
    expect(signatures).toHaveLength(2000)
  })

  test('L1: a failing thread says nothing of its key', async () => {
    const own = createPool(1)
    own.setKey('odd', { ...privateJwk, x: 'AA' })
    const error = await own
      .run([{ work: 'sign', key: 'odd', inputs: [inputOf('vc+jwt')] }])
      .catch((caught) => caught)
    expect(isWeirError(error)).toBe(true)
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(privateJwk.d)
    await own.close()
  })

  test('chunks hold at most 500 and keep order', () => {
    const items = Array.from({ length: 12_345 }, (_, i) => i)
    const chunks = chunksOf(items, 2)
    expect(chunks.flat()).toEqual(items)
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(500)
    expect(chunksOf([], 2)).toEqual([])
    expect(chunksOf(items.slice(0, 120), 2).map((chunk) => chunk.length)).toEqual([50, 50, 20])
  })
})
