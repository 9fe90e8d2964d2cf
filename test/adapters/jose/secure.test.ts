import { createHash } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import {
  CompactSign,
  type CryptoKey,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { type JoseFeature, type JoseResult, joseIssue, joseVerify } from '../../../src/wire/jose.ts'
import vectors from '../../vectors/vc-jose-cose.json' with { type: 'json' }

const now = new Date('2026-11-22T08:00:00Z')
const controller = 'https://issuer.example/keys'
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const text = (value: string) => new TextEncoder().encode(value)

type Method = { id: string; controller?: string; publicKeyJwk: JWK; secretKeyJwk?: JWK }
const keys: Record<string, Method> = {}
for (const [alg, crv] of [
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
  ['EdDSA', 'Ed25519'],
] as const) {
  const { privateKey } = await generateKeyPair(alg, { crv, extractable: true })
  const secretKeyJwk = await exportJWK(privateKey)
  const { d: _, ...publicKeyJwk } = secretKeyJwk
  keys[alg] = { id: `${controller}#${crv}`, controller, publicKeyJwk, secretKeyJwk }
}
const algorithms = Object.keys(keys)

const credential = {
  '@context': ['https://www.w3.org/ns/credentials/v2'],
  id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33',
  type: ['VerifiableCredential', 'SampleCredential'],
  issuer: controller,
  validFrom: '2026-01-01T00:00:00Z',
  credentialSubject: {
    id: 'did:example:sample',
    name: 'Sample Person',
    address: { street: 'Sample Street 1', city: '都江堰' },
    phones: ['+86 000', '+86 001'],
  },
}
const presentationOf = (...verifiableCredential: unknown[]) => ({
  '@context': ['https://www.w3.org/ns/credentials/v2'],
  type: ['VerifiablePresentation'],
  holder: controller,
  verifiableCredential,
})
const enveloped = (mediaType: string, token: string) => ({
  '@context': 'https://www.w3.org/ns/credentials/v2',
  type: 'EnvelopedVerifiableCredential',
  id: `data:application/${mediaType},${token}`,
})

function issue(
  document: unknown,
  alg = 'ES256',
  feature: JoseFeature = 'credential_jose',
  disclosable?: unknown,
) {
  const sd = disclosable === undefined ? {} : { disclosable: JSON.stringify(disclosable) }
  return joseIssue({ input: bytes(document), key: bytes(keys[alg]), feature, now, ...sd })
}

async function issued(...args: Parameters<typeof issue>): Promise<string> {
  const { result, data } = await issue(...args)
  expect(result, data).toBe('success')
  return data
}

function verify(
  token: string,
  alg = 'ES256',
  feature: JoseFeature = 'credential_jose',
  at = now,
  method: unknown = keys[alg],
): Promise<JoseResult> {
  return joseVerify({ input: text(token), key: bytes(method), feature, now: at })
}

/** Any header and payload under our key, signed by jose itself. */
async function forged(header: Record<string, unknown>, payload: unknown, alg = 'ES256') {
  const key = await importJWK(keys[alg]!.secretKeyJwk!, alg)
  return new CompactSign(typeof payload === 'string' ? text(payload) : bytes(payload))
    .setProtectedHeader({ alg, ...header })
    .sign(key)
}
const good = { typ: 'vc+jwt', cty: 'vc', kid: keys.ES256!.id }
const jwtClaims = { iss: controller }

const failsWith = (code: string) => ({ result: 'failure', data: expect.stringContaining(code) })

describe.each(algorithms)('%s', (alg) => {
  test('what is issued verifies, and jose reads the same header and document', async () => {
    const token = await issued(credential, alg)
    expect(await verify(token, alg)).toMatchObject({ result: 'success' })
    const key = await importJWK(keys[alg]!.publicKeyJwk, alg)
    const { protectedHeader, payload } = await compactVerify(token, key)
    expect(protectedHeader).toEqual({ alg, typ: 'vc+jwt', cty: 'vc', kid: keys[alg]!.id })
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({
      ...credential,
      iss: controller,
      iat: now.getTime() / 1000,
    })
  })

  test('what jose signs verifies', async () => {
    const header = { typ: 'vc+jwt', kid: keys[alg]!.id }
    expect(await verify(await forged(header, credential, alg), alg)).toMatchObject({
      result: 'success',
    })
  })

  test('A1, A4: under the key of every other curve it is refused', async () => {
    const token = await issued(credential, alg)
    for (const other of algorithms.filter((name) => name !== alg))
      expect(await verify(token, other)).toEqual(failsWith('signature/no-key'))
  })

  test('another key of the same curve, and a changed byte, are refused', async () => {
    const { crv } = keys[alg]!.publicKeyJwk
    const { publicKey } = await generateKeyPair(alg, { crv: crv!, extractable: true })
    const method = { id: keys[alg]!.id, controller, publicKeyJwk: await exportJWK(publicKey) }
    const token = await issued(credential, alg)
    expect(await verify(token, alg, 'credential_jose', now, method)).toEqual(
      failsWith('signature/bad'),
    )
    const [head, , signature] = token.split('.')
    const changed = Buffer.from(JSON.stringify({ ...credential, id: 'urn:other' }))
    expect(await verify(`${head}.${changed.toString('base64url')}.${signature}`, alg)).toEqual(
      failsWith('signature/bad'),
    )
  })
})

describe('SD-JWT', () => {
  const sd = ['credentialSubject.name', 'credentialSubject.phones[0]', '/credentialSubject/address']

  test('named claims become disclosable; a token without them verifies and does not show them', async () => {
    const token = await issued(credential, 'ES384', 'credential_sdjwt', sd)
    const parts = token.split('~')
    expect(parts).toHaveLength(5)
    const full = await verify(token, 'ES384', 'credential_sdjwt')
    expect(JSON.parse(full.data).credentialSubject).toEqual(credential.credentialSubject)
    const bare = await verify(`${parts[0]}~`, 'ES384', 'credential_sdjwt')
    expect(JSON.parse(bare.data).credentialSubject).toEqual({
      id: 'did:example:sample',
      phones: ['+86 001'],
    })
  })

  test('@sd-jwt/core verifies what we issue, and we what it issues', async () => {
    const { secretKeyJwk, publicKeyJwk } = keys.ES512!
    const signing = (await importJWK(secretKeyJwk!, 'ES512')) as CryptoKey
    const library = new SDJwtInstance({
      signAlg: 'ES512',
      hashAlg: 'sha-256',
      hasher: (data) =>
        createHash('sha256')
          .update(data as string)
          .digest(),
      saltGenerator: (length) => Buffer.alloc(length, 7).toString('base64url'),
      signer: async (data) => {
        const hash = { name: 'ECDSA', hash: 'SHA-512' }
        const raw = await crypto.subtle.sign(hash, signing, text(data))
        return Buffer.from(raw).toString('base64url')
      },
      verifier: async (data, signature) => {
        const key = (await importJWK(publicKeyJwk, 'ES512')) as CryptoKey
        const raw = Buffer.from(signature, 'base64url')
        return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-512' }, key, raw, text(data))
      },
    })
    const ours = await issued(credential, 'ES512', 'credential_sdjwt', sd)
    const { payload } = await library.verify(ours)
    expect(payload).toMatchObject(credential)
    const frame = { credentialSubject: { _sd: ['name', 'address'] } }
    const header = { typ: 'vc+sd-jwt', kid: keys.ES512!.id }
    // biome-ignore lint/suspicious/noExplicitAny: the library's frame types follow the payload
    const theirs = await library.issue(credential as any, frame as any, { header })
    const read = await verify(theirs, 'ES512', 'credential_sdjwt')
    expect(read.result, read.data).toBe('success')
    expect(JSON.parse(read.data)).toEqual(credential)
  })

  test('B7: a strange, repeated or changed disclosure is refused', async () => {
    const token = await issued(credential, 'ES256', 'credential_sdjwt', sd)
    const other = await issued(credential, 'ES256', 'credential_sdjwt', sd)
    const [jwt, first, ...rest] = token.split('~')
    const stranger = other.split('~')[1]
    for (const wrong of [
      [jwt, first, first, ...rest],
      [jwt, stranger, ...rest],
      [jwt, first, '', ...rest],
      [jwt, 'WyJhIl0', ...rest],
    ])
      expect((await verify(wrong.join('~'), 'ES256', 'credential_sdjwt')).result).toBe('failure')
    expect(await verify(token.slice(0, -1), 'ES256', 'credential_sdjwt')).toEqual(
      failsWith('credential/malformed'),
    )
  })

  test('what a verifier needs cannot be concealed, nor what is not there; nor anything in a JWT', async () => {
    for (const wrong of [
      ['@context'],
      ['iss'],
      ['credentialSubject.nothing'],
      ['credentialSubject.phones[9]'],
      ['credentialSubject.name', 'credentialSubject.name'],
      [''],
      [5],
      'credentialSubject',
      {},
    ])
      expect((await issue(credential, 'ES256', 'credential_sdjwt', wrong)).result).toBe('failure')
    expect(await issue(credential, 'ES256', 'credential_jose', sd)).toEqual(
      failsWith('credential/bad-disclosure'),
    )
    const planted = { ...credential, credentialSubject: { id: 'did:example:a', _sd: ['x'] } }
    expect((await issue(planted, 'ES256', 'credential_sdjwt')).result).toBe('failure')
  })
})

describe('presentations', () => {
  test('a JWT and an SD-JWT presentation verify with what they envelope', async () => {
    const vc = await issued(credential)
    const sd = await issued(credential, 'ES256', 'credential_sdjwt', ['credentialSubject.name'])
    const vp = presentationOf(enveloped('vc+jwt', vc), enveloped('vc+sd-jwt', sd))
    const jwt = await issued(vp, 'ES256', 'presentation_jose')
    expect(await verify(jwt, 'ES256', 'presentation_jose')).toMatchObject({ result: 'success' })
    const hidden = ['holder', 'verifiableCredential[0]']
    const token = await issued(vp, 'ES256', 'presentation_sdjwt', hidden)
    const shown = await verify(token, 'ES256', 'presentation_sdjwt')
    expect(JSON.parse(shown.data)).toMatchObject(vp)
  })

  test('a forged credential inside is refused though the presentation is well signed', async () => {
    const vc = await issued(credential)
    const [head, body, signature] = vc.split('.')
    const flipped = `${signature![0] === 'A' ? 'B' : 'A'}${signature!.slice(1)}`
    const vp = presentationOf(enveloped('vc+jwt', `${head}.${body}.${flipped}`))
    const token = await issued(vp, 'ES256', 'presentation_jose')
    expect(await verify(token, 'ES256', 'presentation_jose')).toEqual(failsWith('signature/bad'))
  })

  test('an unsecured credential, or one in a wrong envelope, is refused when issuing and verifying', async () => {
    const vc = await issued(credential)
    for (const inside of [
      credential,
      { ...enveloped('vc+jwt', vc), type: 'VerifiableCredential' },
      { ...enveloped('vc+jwt', vc), id: 'not-a-credential' },
      enveloped('vp+jwt', vc),
      enveloped('vc+jwt', ''),
      'text',
    ]) {
      const vp = presentationOf(inside)
      expect((await issue(vp, 'ES256', 'presentation_jose')).result).toBe('failure')
      const token = await forged({ typ: 'vp+jwt', kid: keys.ES256!.id }, vp)
      expect((await verify(token, 'ES256', 'presentation_jose')).result).toBe('failure')
    }
    for (const inside of [enveloped('vc+jwt', 'a.b.c'), enveloped('vc+sd-jwt', vc)]) {
      const token = await forged({ typ: 'vp+jwt', kid: keys.ES256!.id }, presentationOf(inside))
      expect((await verify(token, 'ES256', 'presentation_jose')).result).toBe('failure')
    }
  })

  test('A10: a presentation is no credential, an SD-JWT no JWT, and the reverse', async () => {
    const tokens: Record<string, string> = {
      credential_jose: await issued(credential),
      presentation_jose: await issued(presentationOf(), 'ES256', 'presentation_jose'),
      credential_sdjwt: await issued(credential, 'ES256', 'credential_sdjwt'),
      presentation_sdjwt: await issued(presentationOf(), 'ES256', 'presentation_sdjwt'),
    }
    const features = Object.keys(tokens) as JoseFeature[]
    for (const is of features)
      for (const as of features) {
        const { result } = await verify(tokens[is]!, 'ES256', as)
        expect(result, `${is} as ${as}`).toBe(is === as ? 'success' : 'failure')
      }
  })
})

describe('strictness', () => {
  test.each([
    ['no typ', {}, 'credential/wrong-typ'],
    ['typ JWT', { typ: 'JWT' }, 'credential/wrong-typ'],
    ['a wrong cty', { ...good, cty: 'vp' }, 'credential/header-not-allowed'],
    ['a key in the header', { ...good, jwk: keys.ES256!.publicKeyJwk }, 'header-not-allowed'],
    ['an address of keys', { ...good, jku: 'https://a.example/' }, 'header-not-allowed'],
    ['a kid of another key', { ...good, kid: `${controller}#other` }, 'signature/no-key'],
    ['an iss in the header that is not the issuer', { ...good, iss: 'did:example:b' }, 'bad-claim'],
  ])('A5, A10, A11: %s is refused', async (_, header, code) => {
    expect(await verify(await forged(header, credential))).toEqual(failsWith(code))
  })

  test('A1, A2, A3: none, HMAC and inherited names are no algorithms', async () => {
    const [, body, signature] = (await issued(credential)).split('.')
    for (const alg of ['none', 'HS256', 'constructor', 'toString', '__proto__', 'ES256K', '', 1]) {
      const head = Buffer.from(JSON.stringify({ ...good, alg })).toString('base64url')
      for (const end of [signature, ''])
        expect(await verify(`${head}.${body}.${end}`)).toEqual(
          failsWith('credential/alg-not-allowed'),
        )
    }
  })

  test('A8, B1, B11: another spelling of base64url, a duplicate member and no object are refused', async () => {
    const token = await issued(credential)
    for (const wrong of [
      `${token}=`,
      token.replace('.', '. '),
      `${token}.`,
      token.slice(0, -4),
      '',
    ])
      expect((await verify(wrong)).result).toBe('failure')
    const twice = `{"issuer":"${controller}",${JSON.stringify(credential).slice(1)}`
    expect(await verify(await forged(good, twice))).toEqual(failsWith('json/duplicate-member'))
    for (const payload of ['[]', '"a"', 'null', '{'])
      expect(await verify(await forged(good, payload))).toEqual(failsWith('json/malformed'))
  })

  test.each([
    ['vc', { vc: {} }],
    ['vp', { vp: {} }],
    ['an undefined term', { badExtension: { huh: 'what?' } }],
    ['another iss than issuer', { iss: 'did:example:other' }],
    ['another issuer than the key has', { issuer: 'did:example:other' }],
    ['an issuer that is no URL', { issuer: 'someone' }],
    ['another jti than id', { jti: 'urn:other' }],
    ['no subject', { credentialSubject: [] }],
    ['no type', { type: 'Sample' }],
    ['the context of 1.1', { '@context': ['https://www.w3.org/2018/credentials/v1'] }],
    ['a context that is no list', { '@context': 'https://www.w3.org/ns/credentials/v2' }],
    ['a date without time', { validFrom: '2026-01-01' }],
    ['a period that ends before it begins', { validUntil: '2025-01-01T00:00:00Z' }],
    ['exp as text', { exp: '2027-01-01T00:00:00Z' }],
    ['a status without type', { credentialStatus: { id: 'https://a.example/' } }],
  ])('%s is refused', async (_, change) => {
    const { result } = await verify(await forged(good, { ...credential, ...jwtClaims, ...change }))
    expect(result).toBe('failure')
  })

  test.each([
    ['validUntil', { validUntil: '2026-11-22T08:00:00Z' }, 'validity/expired'],
    ['exp', { exp: now.getTime() / 1000 }, 'validity/expired'],
    ['validFrom', { validFrom: '2026-11-22T08:01:01Z' }, 'validity/not-yet'],
    ['nbf', { nbf: now.getTime() / 1000 + 61 }, 'validity/not-yet'],
    ['iat', { iat: now.getTime() / 1000 + 61 }, 'validity/not-yet'],
  ])('out of force by %s is refused, a minute of clocks aside', async (_, change, code) => {
    const token = await forged(good, { ...credential, ...change })
    expect(await verify(token)).toEqual(failsWith(code))
    const later = new Date(now.getTime() + (code === 'validity/not-yet' ? 2000 : -1000))
    expect(await verify(token, 'ES256', 'credential_jose', later)).toMatchObject({
      result: 'success',
    })
  })

  test('nothing can be judged without a usable key: an error, not a failure', async () => {
    const token = await issued(credential)
    const method = keys.ES256!
    const { x, ...without } = method.publicKeyJwk
    for (const wrong of [
      {},
      { ...method, id: 'no address' },
      { ...method, publicKeyJwk: without },
      { ...method, publicKeyJwk: { ...method.publicKeyJwk, alg: 'ES384' } },
      { ...method, publicKeyJwk: { ...method.publicKeyJwk, use: 'enc' } },
      { ...method, publicKeyJwk: { ...method.publicKeyJwk, x: `${x}A` } },
      { ...method, publicKeyJwk: { ...method.publicKeyJwk, y: x } },
      { ...method, publicKeyJwk: method.secretKeyJwk },
      { ...method, publicKeyJwk: { kty: 'EC', crv: 'secp256k1', x, y: method.publicKeyJwk.y } },
      { ...method, publicKeyJwk: { kty: 'oct', k: 'AAAA' } },
    ])
      expect((await verify(token, 'ES256', 'credential_jose', now, wrong)).result).toBe('error')
  })

  test('a key file without its secret half, or with another one, signs nothing', async () => {
    const { secretKeyJwk: _, ...open } = keys.ES256!
    const input = bytes(credential)
    const run = { input, feature: 'credential_jose' as const, now }
    expect((await joseIssue({ ...run, key: bytes(open) })).result).not.toBe('success')
    const mixed = { ...keys.ES384, secretKeyJwk: keys.ES256!.secretKeyJwk }
    expect((await joseIssue({ ...run, key: bytes(mixed) })).result).toBe('error')
    const { d } = (await exportJWK(
      (
        await generateKeyPair('ES256', { extractable: true })
      ).privateKey,
    )) as { d: string }
    const other = { ...keys.ES256, secretKeyJwk: { ...keys.ES256!.secretKeyJwk, d } }
    expect((await joseIssue({ ...run, key: bytes(other) })).result).not.toBe('success')
  })

  test('I5: a failure says code and place, never a value of the document', async () => {
    for (const change of [{ name: { 张三: 1 } }, { issuer: '张三' }, { 张三: 1 }]) {
      const { data } = await verify(await forged(good, { ...credential, ...change }))
      expect(data).not.toContain('张三')
    }
  })
})

describe('the W3C suite (vc-jose-cose-test-suite)', () => {
  const methodOf = (publicKeyJwk: JWK) => ({
    id: `${vectors.controller}#key`,
    controller: vectors.controller,
    publicKeyJwk,
  })
  const run = (token: string, jwk: JWK, feature: JoseFeature) =>
    verify(token, '', feature, now, methodOf(jwk))

  test('8: iss and issuer agree, Ed25519', async () => {
    const { result } = await run(vectors.issuerMatch, vectors.ed25519, 'credential_jose')
    expect(result).toBe('success')
  })

  test('15: vc and vp claims fail', async () => {
    const answer = await run(vectors.vcVpClaims, vectors.ed25519, 'credential_jose')
    expect(answer).toEqual(failsWith('credential/bad-claim'))
  })

  test('16: a presentation of something that is no credential fails', async () => {
    const token = vectors.presentationBadCredential
    const { result } = await run(token, vectors.ed25519, 'presentation_jose')
    expect(result).toBe('failure')
    const inTime = new Date('2024-12-15T12:00:00Z')
    const method = methodOf(vectors.ed25519)
    expect(await verify(token, '', 'presentation_jose', inTime, method)).toEqual(
      failsWith('presentation/malformed'),
    )
  })

  test('20: disclosed claims of a P-384 SD-JWT are read', async () => {
    const answer = await run(vectors.sdJwtSelective, vectors.p384, 'credential_sdjwt')
    expect(JSON.parse(answer.data).credentialSubject).toMatchObject({
      firstName: 'Jane',
      lastName: 'Doe',
    })
  })
})
