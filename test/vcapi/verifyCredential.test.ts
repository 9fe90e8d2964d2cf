import { beforeAll, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/credential/model.ts'
import { OutsideError } from '../../src/errors.ts'
import { issueOne } from '../../src/issuer/issue.ts'
import type { Question, VcApi } from '../../src/vcapi/model.ts'
import { verifyCredential } from '../../src/vcapi/verifyCredential.ts'
import { envelope } from '../../src/vcdm/envelope.ts'
import { secondImplementation } from '../adapters/dataIntegrity/second.ts'
import { anchorAll, titleRequest, type World } from '../support/issuer.ts'
import { ed25519Party, jwkParty, type Party, p256Party } from './tokens.ts'
import { codeOf, codes, credential, newVcApi, v1 } from './world.ts'

let api: VcApi
let world: World
beforeAll(async () => {
  ;({ api, world } = await newVcApi())
})
const errorsOf = async (document: Json, question?: Question) =>
  codes((await verifyCredential(api, document, question)).errors)

describe('a credential with a proof', () => {
  let others: Awaited<ReturnType<typeof secondImplementation>>
  beforeAll(async () => {
    others = await secondImplementation()
  })
  const foreign = (rest: Record<string, unknown> = {}) =>
    others.issue(credential({ issuer: others.did, ...rest }))

  test('of another issuer is verified, and who that is is a warning', async () => {
    const result = await verifyCredential(api, await foreign())
    expect(result).toMatchObject({ verified: true, errors: [] })
    expect(codes(result.warnings)).toEqual(['accreditation/unknown-issuer'])
  })

  test('A6: made by somebody else’s key is refused', async () => {
    const document = await others.sign(
      credential({ issuer: 'did:example:acme' }),
      'assertionMethod',
    )
    expect(await errorsOf(document)).toEqual(['integrity/other-signer'])
  })

  test('A7: made for authentication is refused, whatever was asked for', async () => {
    const document = await others.sign(credential({ issuer: others.did }), 'authentication')
    expect(await errorsOf(document)).toEqual(['integrity/wrong-purpose'])
    const asked = { expectedProofPurpose: 'authentication' }
    expect(await errorsOf(document, asked)).toEqual(['integrity/wrong-purpose'])
    expect(await errorsOf(await foreign(), asked)).toEqual(['integrity/wrong-purpose'])
    expect(await errorsOf(await foreign(), { expectedProofPurpose: 'assertionMethod' })).toEqual([])
  })

  test('answers a challenge and a domain that are asked for', async () => {
    const document = await foreign()
    expect(await errorsOf(document, { challenge: 'c' })).toEqual(['holder/wrong-nonce'])
    expect(await errorsOf(document, { domain: 'd' })).toEqual(['holder/wrong-audience'])
  })

  test('counts within its period only', async () => {
    const now = api.clock().getTime()
    const time = (seconds: number) => new Date(now + seconds * 1000).toISOString()
    const sign = (rest: object) =>
      others.sign(credential({ issuer: others.did, ...rest }), 'assertionMethod')
    expect(await errorsOf(await sign({ validFrom: time(-1), validUntil: time(1) }))).toEqual([])
    expect(await errorsOf(await sign({ validUntil: time(0) }))).toEqual(['validity/expired'])
    expect(await errorsOf(await sign({ validFrom: time(61) }))).toEqual(['validity/not-yet'])
    expect(await errorsOf(await sign({ validFrom: time(59) }))).toEqual([])
  })

  test('of a shape that the data model does not know is refused before its proof', async () => {
    expect(await errorsOf({ ...(await foreign()), type: ['NonconformingDocument'] })).toEqual([
      'vcdm/bad-type',
    ])
    expect(await errorsOf({ type: ['NonconformingDocument'] })).toEqual(['vcdm/bad-context'])
    const { proof: _, ...bare } = await foreign()
    expect(await errorsOf(bare)).toEqual(['vcdm/bad-proof'])
  })

  test('tells of related resources that nobody here reads', async () => {
    const relatedResource = { id: 'https://a.example/1', digestSRI: `sha256-${'A'.repeat(43)}=` }
    const { verified, warnings } = await verifyCredential(api, await foreign({ relatedResource }))
    expect(verified).toBe(true)
    expect(codes(warnings)).toContain('vcapi/resource-not-read')
  })
})

describe.each<[string, () => Party]>([
  ['did:key of Ed25519', ed25519Party],
  ['did:key of P-256', p256Party],
  ['did:jwk', jwkParty],
])('a token of a %s', (_, make) => {
  const issuer = make()
  const body = (rest: object = {}) => credential({ issuer: issuer.did, ...rest })
  const seconds = (offset: number) => Math.floor(api.clock().getTime() / 1000) + offset

  test('is verified in its envelope and alone', async () => {
    const token = issuer.jws('vc+jwt', body())
    expect(await errorsOf(token)).toEqual([])
    expect(await errorsOf(envelope('credential', 'application/vc+jwt', token))).toEqual([])
    expect(await errorsOf(issuer.jws('vc+jwt', { ...body(), iss: issuer.did }))).toEqual([])
  })

  test('is verified as older software writes it', async () => {
    const vc = body()
    expect(await errorsOf(issuer.jws('JWT', { iss: issuer.did, vc }))).toEqual([])
    expect(await errorsOf(issuer.jws(undefined, { iss: issuer.did, vc }))).toEqual([])
    const older = body({ '@context': [v1], issuanceDate: '2026-01-01T00:00:00Z' })
    expect(await errorsOf(issuer.jws('JWT', { iss: issuer.did, vc: older }))).toEqual([])
  })

  test('A6: is refused when somebody else signed it', async () => {
    const other = make()
    expect(await errorsOf(other.jws('vc+jwt', body()))).toEqual(['signature/no-key'])
    expect(await errorsOf(other.jws('vc+jwt', body(), { kid: issuer.kid }))).toEqual([
      'signature/bad',
    ])
    expect(await errorsOf(issuer.jws('vc+jwt', { ...body(), iss: other.did }))).toEqual([
      'vcdm/bad-issuer',
    ])
  })

  test('A10: one kind of token never passes for another', async () => {
    const vc = body()
    expect(await errorsOf(issuer.jws('vp+jwt', vc))).toEqual(['credential/wrong-typ'])
    expect(await errorsOf(issuer.jws('kb+jwt', vc))).toEqual(['credential/wrong-typ'])
    expect(await errorsOf(issuer.jws('vc+jwt', { iss: issuer.did, vc }))).toEqual([
      'vcdm/bad-envelope',
    ])
    expect(await errorsOf(issuer.jws('JWT', vc))).toEqual(['vcdm/bad-envelope'])
    expect(await errorsOf(issuer.jws(undefined, { iss: issuer.did, vp: vc }))).toEqual([
      'vcdm/bad-envelope',
    ])
    expect(
      await errorsOf(envelope('credential', 'application/vc+sd-jwt', issuer.jws('vc+jwt', vc))),
    ).toEqual(['vcdm/bad-envelope'])
  })

  test.each<[string, JsonObject, string]>([
    ['A1: without an algorithm', { alg: 'none' }, 'credential/alg-not-allowed'],
    [
      'A2: with a prototype’s name as algorithm',
      { alg: 'constructor' },
      'credential/alg-not-allowed',
    ],
    ['A3: with a shared secret', { alg: 'HS256' }, 'credential/alg-not-allowed'],
    ['A4: with another key’s algorithm', { alg: 'ES256K' }, 'signature/bad'],
    ['A5: with a key in its header', { jwk: { kty: 'EC' } }, 'credential/header-not-allowed'],
    ['A10: with a critical member', { crit: ['b64'] }, 'credential/header-not-allowed'],
  ])('%s is refused', async (_, head, expected) => {
    expect(await errorsOf(issuer.jws('vc+jwt', body(), head))).toEqual([expected])
    const untyped = issuer.jws(undefined, { iss: issuer.did, vc: body() }, head)
    expect(await errorsOf(untyped)).toEqual([expected])
  })

  test('counts within the dates of its JWT too', async () => {
    expect(await errorsOf(issuer.jws('vc+jwt', { ...body(), exp: seconds(1) }))).toEqual([])
    expect(await errorsOf(issuer.jws('vc+jwt', { ...body(), exp: seconds(0) }))).toEqual([
      'validity/expired',
    ])
    expect(await errorsOf(issuer.jws('vc+jwt', { ...body(), nbf: seconds(62) }))).toEqual([
      'validity/not-yet',
    ])
    expect(await errorsOf(issuer.jws('vc+jwt', { ...body(), exp: '1' }))).toEqual([
      'credential/bad-claim',
    ])
  })

  test('of a shape that the data model does not know is refused', async () => {
    const rest = { credentialSubject: undefined }
    expect(await errorsOf(issuer.jws('vc+jwt', body(rest)))).toEqual(['vcdm/bad-subject'])
  })
})

test('B1: a token with a member twice is refused', async () => {
  const issuer = p256Party()
  const token = issuer.jws('vc+jwt', credential({ issuer: issuer.did }))
  const [head] = token.split('.')
  const twice = Buffer.from('{"iss":"a","iss":"b"}').toString('base64url')
  expect(await errorsOf(`${head}.${twice}.${'A'.repeat(86)}`)).toEqual(['json/duplicate-member'])
})

test.each<Json>(['', 'text', 'a.b.c', '..', 1, null, []])('%j is no credential', async (input) => {
  const { verified, errors } = await verifyCredential(api, input)
  expect(verified).toBe(false)
  expect(errors).toHaveLength(1)
})

test('an issuer whose key nobody can know without asking somebody is refused', async () => {
  const issuer = p256Party()
  for (const did of [
    'https://issuer.example',
    'did:web:issuer.example',
    'did:ethr:0x1:0x00000000000000000000000000000000000000aa',
  ]) {
    const token = issuer.jws('vc+jwt', credential({ issuer: did }), { kid: `${did}#key-1` })
    expect(await errorsOf(token)).toEqual(['signature/no-key'])
  }
})

describe('a certificate of a department', () => {
  test('is verified; that it waits for the chain is a warning, and gone once it is there', async () => {
    const [copy] = await issueOne(world.issuer, titleRequest(1))
    const before = await verifyCredential(api, copy!.token)
    expect(before.errors).toEqual([])
    expect(codes(before.warnings)).toContain('anchor/pending')
    await anchorAll(world)
    expect((await verifyCredential(api, copy!.token)).errors).toEqual([])
  })

  test('in every format has a signature that counts', async () => {
    const formats = ['vc+jwt', 'vc+sd-jwt', 'dc+sd-jwt', 'jwt_vc'] as const
    for (const copy of await issueOne(world.issuer, titleRequest(2, { formats }))) {
      expect([copy.format, await errorsOf(copy.token)]).toEqual([copy.format, []])
      const changed = copy.token.replace(/\.[^.~]{8}([^.~]*)(~|$)/, '.AAAAAAAA$1$2')
      expect([copy.format, await errorsOf(changed)]).toEqual([copy.format, ['signature/bad']])
    }
  })

  test('G: is never vouched for while the chain cannot be asked', async () => {
    const [copy] = await issueOne(world.issuer, titleRequest(3))
    const chain = {
      ...api.verifier.chain,
      view: async () => {
        throw new OutsideError('chain/unreachable')
      },
    }
    const blind: VcApi = { ...api, verifier: { ...api.verifier, chain } }
    expect(await codeOf(verifyCredential(blind, copy!.token))).toBe('chain/unreachable')
  })
})
