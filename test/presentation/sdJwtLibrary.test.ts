import { createHash } from 'node:crypto'
import { SDJwtInstance } from '@sd-jwt/core'
import { describe, expect, test } from 'vitest'
import {
  decodeBase64url,
  encodeBase64url,
  importPrivateKey,
  importPublicKey,
  randomBytes,
  sha256Base64url,
  sign,
  verifySignature,
} from '#primitives'
import { parseCredential } from '../../src/credential/parse.ts'
import { bindingSignatureHolds } from '../../src/presentation/binding.ts'
import { parsePresentation } from '../../src/presentation/parsePresentation.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'
import {
  codeOf,
  disclosure,
  draftOf,
  fields,
  holderJwk,
  issuerJwk,
  jws,
  tokenOf,
} from '../credential/samples.ts'
import { answered, boundBy, challenge, held, now, otherHolderJwk, seconds } from './samples.ts'

const signerOf = (jwk: PrivateJwk) => (data: string) =>
  encodeBase64url(sign(importPrivateKey(jwk), data))
const verifierOf = (jwk: PrivateJwk) => (data: string, signature: string) =>
  verifySignature(importPublicKey(jwk), data, decodeBase64url(signature))

const library = new SDJwtInstance({
  signer: signerOf(issuerJwk),
  verifier: verifierOf(issuerJwk),
  signAlg: 'ES256',
  kbSigner: signerOf(holderJwk),
  kbVerifier: verifierOf(holderJwk),
  kbSignAlg: 'ES256',
  hasher: (data) =>
    createHash('sha256')
      .update(data as string)
      .digest(),
  hashAlg: 'sha-256',
  saltGenerator: (length) => encodeBase64url(randomBytes(length)),
})
const draft = draftOf('dc+sd-jwt')

describe('@sd-jwt/core 0.19.0 as second implementation', () => {
  test('what we issue it verifies, and reads the same claims', async () => {
    const token = tokenOf(draft)
    const { payload } = await library.verify(token)
    expect(payload).toEqual(draft.payload)
  })

  test('what we withhold it does not see, and our key binding it verifies', async () => {
    const credential = held('dc+sd-jwt')
    const shown = credential.disclosures.filter(({ path }) => path[0] === 'location')
    const text = answered(
      credential,
      shown.map(({ encoded }) => encoded),
    )
    const { payload, kb } = (await library.verify(text, {
      keyBindingNonce: challenge.nonce,
    } as never)) as {
      payload: Record<string, unknown>
      kb: { payload: object }
    }
    expect(payload.location).toBe('样例路1号')
    expect(payload).not.toHaveProperty('right_holder')
    expect(kb.payload).toMatchObject({
      nonce: challenge.nonce,
      aud: challenge.audience,
      iat: seconds,
    })
  })

  test('what it issues and binds we read, with nested and list disclosures', async () => {
    const frame = {
      _sd: ['location', 'document'],
      document: { _sd: ['number'] },
      uses: { _sd: [0] },
    }
    const token = await library.issue(draft.payload as never, frame as never, {
      header: draft.header,
    })
    expect(parseCredential(token).payload).toEqual(draft.payload)
    const bound = await library.present(token, { location: true } as never, {
      kb: { payload: { iat: seconds, aud: challenge.audience, nonce: challenge.nonce } },
    })
    const [presented] = parsePresentation(bound)
    const { document: _, ...shown } = fields()
    expect(presented!.credential.claims).toEqual({ ...shown, uses: ['车库'] })
    expect(presented!.binding).toMatchObject({ coversCredential: true, issuedAt: now })
    expect(bindingSignatureHolds(presented!.credential, presented!.binding!)).toBe(true)
  })
})

/** DESIGN section 9: what the library lets through and we refuse. */
describe('the negative probes that @sd-jwt/core 0.19.0 accepts', () => {
  const { header, payload } = draft
  const jwt = jws(header, payload)
  const read = (text: string) => codeOf(() => parsePresentation(text))
  const binding = (text: string) => parsePresentation(text)[0]!.binding
  const a = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'a', 1)
  const withDigest = (...digests: string[]) => `${jws(header, { ...payload, _sd: digests })}~`

  test('1 H2: a key binding for another verifier says so', () => {
    expect(binding(boundBy(`${jwt}~`, { aud: 'https://other.example' }))!.audience).not.toBe(
      challenge.audience,
    )
  })
  test('2 H3: a key binding of ten years ago says so', () => {
    const tenYears = 315_360_000
    const { issuedAt } = binding(boundBy(`${jwt}~`, { iat: seconds - tenYears }))!
    expect(now.getTime() - issuedAt.getTime()).toBe(tenYears * 1000)
  })
  test('3 H3: a stripped key binding is none', () => {
    expect(binding(`${jwt}~`)).toBeUndefined()
  })
  test('4 H3: a key binding over another SD-JWT does not cover this one', () => {
    expect(
      binding(boundBy(`${jwt}~`, { sd_hash: sha256Base64url('other~') }))!.coversCredential,
    ).toBe(false)
  })
  test('5 H3: a key binding by another key does not hold', () => {
    const [presented] = parsePresentation(boundBy(`${jwt}~`, {}, {}, otherHolderJwk))
    expect(bindingSignatureHolds(presented!.credential, presented!.binding!)).toBe(false)
  })
  test('6 A10: a key binding of another typ', () => {
    expect(read(boundBy(`${jwt}~`, {}, { typ: 'JWT' }))).toBe('credential/wrong-typ')
  })
  test('7 A1: alg none in the header', () => {
    expect(read(`${jws({ ...header, alg: 'none' }, payload)}~`)).toBe('credential/alg-not-allowed')
  })
  test('8 A3: alg HS256 in the header', () => {
    expect(read(`${jws({ ...header, alg: 'HS256' }, payload)}~`)).toBe('credential/alg-not-allowed')
  })
  test('9 A1: alg none in the key binding', () => {
    expect(read(boundBy(`${jwt}~`, {}, { alg: 'none' }))).toBe('credential/alg-not-allowed')
  })
  test('10 A10: an unknown crit', () => {
    expect(read(`${jws({ ...header, crit: ['x'], x: 1 }, payload)}~`)).toBe(
      'credential/header-not-allowed',
    )
  })
  test('11 A10: another typ', () => {
    expect(read(`${jws({ ...header, typ: 'kb+jwt' }, payload)}~`)).toBe('credential/wrong-typ')
  })
  test('12 B7: an unreferenced disclosure', () => {
    expect(read(`${jwt}~${a.encoded}~`)).toBe('credential/bad-disclosure')
  })
  test('13 B7: a disclosure twice', () => {
    expect(read(`${withDigest(a.digest)}${a.encoded}~${a.encoded}~`)).toBe(
      'credential/bad-disclosure',
    )
  })
  test('14 B7: a digest twice', () => {
    expect(read(`${withDigest(a.digest, a.digest)}${a.encoded}~`)).toBe('credential/bad-disclosure')
  })
  test('15 B7: a disclosure that overwrites a signed claim', () => {
    const over = disclosure('c2FsdHNhbHRzYWx0c2FsdA', 'registry', '别处')
    expect(read(`${withDigest(over.digest)}${over.encoded}~`)).toBe('credential/bad-disclosure')
  })
  test('16 B7: disclosures named _sd and ...', () => {
    for (const name of ['_sd', '...']) {
      const reserved = disclosure('c2FsdHNhbHRzYWx0c2FsdA', name, [])
      expect(read(`${withDigest(reserved.digest)}${reserved.encoded}~`)).toBe(
        'credential/bad-disclosure',
      )
    }
  })
  test('17 B1: duplicate members in payload, header and disclosure', () => {
    const twice = JSON.stringify(payload).replace('{', '{"vct":"urn:other",')
    expect(read(`${jws(header, twice)}~`)).toBe('json/duplicate-member')
    expect(read(`${jws('{"alg":"none","alg":"ES256","typ":"dc+sd-jwt"}', payload)}~`)).toBe(
      'json/duplicate-member',
    )
    const encoded = encodeBase64url('["c2FsdHNhbHRzYWx0c2FsdA","a",{"b":1,"b":2}]')
    expect(read(`${withDigest(sha256Base64url(encoded))}${encoded}~`)).toBe('json/duplicate-member')
  })
  test('and: presenting without a choice discloses nothing here, everything there', async () => {
    const token = tokenOf(draft)
    const theirs = await library.present(token)
    expect(theirs.split('~').length).toBe(token.split('~').length)
    const ours = answered(held('dc+sd-jwt'))
    expect(ours.split('~')).toHaveLength(2)
  })
})
