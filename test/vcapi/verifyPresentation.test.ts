import { beforeAll, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { createPresentation } from '../../src/vcapi/createPresentation.ts'
import { issueCredential } from '../../src/vcapi/issueCredential.ts'
import type { Question, VcApi } from '../../src/vcapi/model.ts'
import { verifyPresentation } from '../../src/vcapi/verifyPresentation.ts'
import { envelope } from '../../src/vcdm/envelope.ts'
import { secondImplementation } from '../adapters/dataIntegrity/second.ts'
import { ed25519Party, jwkParty, p256Party } from './tokens.ts'
import { codeOf, codes, credential, examples, newVcApi, presentation, v2 } from './world.ts'

const answer = { challenge: 'c-1', domain: 'verifier.example' }
let api: VcApi
let others: Awaited<ReturnType<typeof secondImplementation>>
let issued: JsonObject
beforeAll(async () => {
  api = (await newVcApi()).api
  others = await secondImplementation()
  issued = await issueCredential(api, credential())
})
const errorsOf = async (document: Json, question: Question = answer) =>
  codes((await verifyPresentation(api, document, question)).errors)
const presented = (rest: Record<string, unknown> = {}) => others.present(presentation(rest), answer)

describe('a presentation with a proof', () => {
  test.each<[string, () => Record<string, unknown>]>([
    ['nothing', () => ({})],
    ['no credential', () => ({ verifiableCredential: [] })],
    ['a credential', () => ({ verifiableCredential: [issued] })],
    ['several', () => ({ verifiableCredential: [issued, issued] })],
    ['its holder', () => ({ holder: others.did })],
    ['its holder as object', () => ({ holder: { id: others.did } })],
    ['an id', () => ({ id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33' })],
    ['a further context', () => ({ '@context': [v2, examples] })],
    [
      'a context and type of its own',
      () => ({
        '@context': [v2, { Sample: 'https://a.example/#Sample' }],
        type: ['VerifiablePresentation', 'Sample'],
      }),
    ],
  ])('and %s is verified', async (_, rest) => {
    const result = await verifyPresentation(api, await presented(rest()), answer)
    expect(result).toMatchObject({ verified: true, errors: [] })
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['without its context', { '@context': undefined }, 'vcdm/bad-context'],
    ['with contexts out of order', { '@context': [examples, v2] }, 'vcdm/bad-context'],
    [
      'with an unknown context',
      { '@context': [v2, 'https://example.com'] },
      'integrity/unknown-context',
    ],
    [
      'with a context that is none',
      { '@context': [v2, 'https ://not-a-url/contexts/example/v1'] },
      'vcdm/bad-context',
    ],
    ['with a number as context', { '@context': [v2, 123192875] }, 'vcdm/bad-context'],
    ['without a type', { type: undefined }, 'vcdm/bad-type'],
    ['with another holder', { holder: 'did:example:acme' }, 'signature/bad'],
    [
      'with an address as credential',
      { verifiableCredential: ['https://a.example'] },
      'vcdm/bad-credential-list',
    ],
  ])('changed, %s, is refused', async (_, change, expected) => {
    const document = JSON.parse(JSON.stringify({ ...(await presented()), ...change }))
    expect(await errorsOf(document)).toEqual([expected])
  })

  test('answers this verifier now', async () => {
    const document = await presented()
    expect(await errorsOf(document, { challenge: 'c-2' })).toEqual(['holder/wrong-nonce'])
    expect(await errorsOf(document, { domain: 'other.example' })).toEqual(['holder/wrong-audience'])
    const { verified, warnings } = await verifyPresentation(api, document)
    expect(verified).toBe(true)
    expect(codes(warnings)).toContain('vcapi/no-challenge')
  })

  test('is one of its holder’s, not of whoever signed', async () => {
    const document = await others.present(presentation({ holder: 'did:example:acme' }), answer)
    expect(await errorsOf(document)).toEqual(['holder/different-holders'])
  })

  test('made as an assertion is none', async () => {
    const document = await others.sign(
      presentation({ holder: others.did }),
      'assertionMethod',
      answer,
    )
    expect(await errorsOf(document)).toEqual(['integrity/wrong-purpose'])
    expect(
      await errorsOf(document, { ...answer, expectedProofPurpose: 'assertionMethod' }),
    ).toEqual([])
  })

  test('with a broken signature is refused', async () => {
    const document = await presented()
    const proof = {
      ...(document.proof as JsonObject),
      proofValue: 'z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh',
    }
    expect(await errorsOf({ ...document, proof })).toEqual(['signature/bad'])
  })
})

describe('what is presented', () => {
  test('is verified as fully as one alone', async () => {
    const broken = { ...issued, validUntil: '9999-01-01T00:00:00Z' }
    const result = await verifyPresentation(
      api,
      await presented({ verifiableCredential: [issued, broken] }),
      answer,
    )
    expect(result.errors).toEqual([
      { code: 'signature/bad', detail: { path: 'verifiableCredential/1' } },
    ])
  })

  test('may be enveloped', async () => {
    const token = await issueCredential(api, credential(), { format: 'vc+jwt' })
    expect(await errorsOf(await presented({ verifiableCredential: [token] }))).toEqual([])
    const id = String(token.id).slice(0, -2)
    const cut = { ...token, id: `${id}${id.endsWith('A') ? 'B' : 'A'}A` }
    expect(await errorsOf(await presented({ verifiableCredential: [cut] }))).toHaveLength(1)
  })

  test('4.12.4: what the holder says of itself is secured by the presentation, if it is named', async () => {
    const own = credential({ issuer: others.did })
    const withHolder = { holder: others.did, verifiableCredential: [own] }
    expect(await errorsOf(await presented(withHolder))).toEqual([])
    expect(await errorsOf(await presented({ verifiableCredential: [own] }))).toEqual([
      'vcapi/no-holder',
    ])
    const acme = credential({ issuer: 'did:example:acme' })
    expect(
      await errorsOf(await presented({ ...withHolder, verifiableCredential: [acme] })),
    ).toEqual(['vcapi/no-holder'])
    const expired = { ...own, validUntil: '2020-01-01T00:00:00Z' }
    expect(
      await errorsOf(await presented({ ...withHolder, verifiableCredential: [expired] })),
    ).toEqual(['validity/expired'])
  })

  test('without a proof is worth nothing in a presentation without one', async () => {
    const bare = presentation({ verifiableCredential: [credential()] })
    expect(await errorsOf(bare, {})).toEqual(['vcdm/bad-proof'])
  })
})

describe('a presentation without a proof', () => {
  test('says nothing of who presents, and is refused where that was asked', async () => {
    const bare = presentation({ verifiableCredential: [issued] })
    expect(await errorsOf(bare, {})).toEqual([])
    expect(await errorsOf(bare)).toEqual(['holder/missing'])
    expect(await errorsOf({ ...bare, holder: 'did:example:holder' }, {})).toEqual([
      'holder/missing',
    ])
    expect(await errorsOf({ ...bare, secret: 'x' }, {})).toEqual(['integrity/undefined-term'])
  })
})

describe.each([
  ['did:key of Ed25519', ed25519Party],
  ['did:key of P-256', p256Party],
  ['did:jwk', jwkParty],
])('a presentation as a token of a %s', (_, make) => {
  const holder = make()
  const claims = { iss: holder.did, aud: answer.domain, nonce: answer.challenge }
  const body = (rest: Record<string, unknown> = {}) => presentation({ holder: holder.did, ...rest })
  const wrapped = (token: string, mediaType = 'application/vp+jwt') =>
    envelope('presentation', mediaType, token)

  test('is verified in its envelope and alone, with what it holds', async () => {
    const enveloped = await issueCredential(api, credential(), { format: 'vc+jwt' })
    const token = holder.jws('vp+jwt', {
      ...body({ verifiableCredential: [enveloped, issued] }),
      ...claims,
    })
    expect(await errorsOf(token)).toEqual([])
    expect(await errorsOf(wrapped(token))).toEqual([])
  })

  test('is verified as older software writes it', async () => {
    const issuer = p256Party()
    const vc = credential({ issuer: issuer.did })
    const inner = envelope(
      'credential',
      'application/jwt',
      issuer.jws(undefined, { iss: issuer.did, vc }),
    )
    const token = holder.jws('JWT', { ...claims, vp: body({ verifiableCredential: [inner] }) })
    expect(await errorsOf(wrapped(token, 'application/jwt'))).toEqual([])
    expect(await errorsOf(wrapped(token))).toEqual([])
  })

  test('answers this verifier, and is one of its holder’s', async () => {
    const token = holder.jws('vp+jwt', { ...body(), ...claims })
    expect(await errorsOf(token, { challenge: 'c-2' })).toEqual(['holder/wrong-nonce'])
    expect(await errorsOf(token, { domain: 'other.example' })).toEqual(['holder/wrong-audience'])
    const other = make()
    expect(await errorsOf(other.jws('vp+jwt', { ...body(), ...claims }))).toEqual([
      'signature/no-key',
    ])
    expect(
      await errorsOf(other.jws('vp+jwt', { ...body(), ...claims }, { kid: holder.kid })),
    ).toEqual(['signature/bad'])
    expect(await errorsOf(other.jws('vp+jwt', { ...body(), ...claims, iss: other.did }))).toEqual([
      'vcdm/bad-holder',
    ])
  })

  test('A10: a credential is no presentation', async () => {
    expect(await errorsOf(holder.jws('vc+jwt', { ...body(), ...claims }))).toEqual([
      'credential/wrong-typ',
    ])
    expect(await errorsOf(holder.jws('JWT', { ...claims, vc: body() }))).toEqual([
      'vcdm/bad-envelope',
    ])
  })

  test('of a credential bound to another key is refused', async () => {
    const issuer = p256Party()
    const bound = (to: { jwk: object }) => {
      const vc = {
        ...credential({ issuer: issuer.did }),
        cnf: { jwk: { ...to.jwk } },
      } as JsonObject
      return envelope('credential', 'application/vc+jwt', issuer.jws('vc+jwt', vc))
    }
    const token = (to: { jwk: object }) =>
      holder.jws('vp+jwt', { ...body({ verifiableCredential: [bound(to)] }), ...claims })
    expect(await errorsOf(token(holder))).toEqual([])
    expect(await errorsOf(token(make()))).toEqual(['holder/bad-signature'])
  })
})

test.each<[string, object]>([
  ['no context', { '@context': [] }],
  ['another context', { '@context': [examples] }],
  ['no data URL', { id: 'a.b.c' }],
  ['another type', { type: ['VerifiablePresentation'] }],
])('an envelope with %s is refused', async (_, change) => {
  const holder = ed25519Party()
  const token = holder.jws('vp+jwt', presentation({ holder: holder.did }))
  const good = envelope('presentation', 'application/vp+jwt', token)
  expect(await errorsOf(good, {})).toEqual([])
  expect(await errorsOf({ ...good, ...change } as JsonObject, {})).toHaveLength(1)
})

describe('a presentation made here', () => {
  test('is of this service’s did:key, and another implementation verifies it', async () => {
    const own = await createPresentation(
      api,
      presentation({ verifiableCredential: [issued] }),
      answer,
    )
    expect(own.holder).toBe(api.integrity.did)
    expect(await errorsOf(own)).toEqual([])
    expect(await others.verifiesPresentation(own, answer)).toBe(true)
  })

  test('names no other holder, and is one', async () => {
    const other = presentation({ holder: 'did:example:holder' })
    expect(await codeOf(createPresentation(api, other, answer))).toBe('vcdm/bad-holder')
    expect(await codeOf(createPresentation(api, credential(), answer))).toBe('vcdm/bad-type')
    expect(await codeOf(createPresentation(api, null, answer))).toBe('vcdm/bad-property')
  })
})
