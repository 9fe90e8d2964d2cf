import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/credential/model.ts'
import { type IssueOptions, issueCredential, issueLdpVc } from '../../src/vcapi/issueCredential.ts'
import type { VcApi } from '../../src/vcapi/model.ts'
import { verifyCredential } from '../../src/vcapi/verifyCredential.ts'
import { secondImplementation } from '../adapters/dataIntegrity/second.ts'
import { codeOf, credential, examples, newVcApi, v1, v2 } from './world.ts'

let api: VcApi
beforeAll(async () => {
  api = (await newVcApi()).api
})
const issued = (rest: Record<string, unknown> = {}, options?: IssueOptions) =>
  issueCredential(api, credential(rest), options)
const refusedFor = (rest: Record<string, unknown>, options?: IssueOptions) =>
  codeOf(issued(rest, options))
const tokenOf = (enveloped: JsonObject) => String(enveloped.id).split(',')[1]!
const partOf = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index]!, 'base64url').toString())

const titleType = 'urn:weir:certificate:real-estate-title:1'

test.each<[string, Record<string, unknown>, string]>([
  ['type', { type: ['VerifiableCredential', titleType] }, 'vcdm/bad-type'],
  [
    'type, spelt otherwise',
    { type: [titleType.toUpperCase(), 'VerifiableCredential'] },
    'vcdm/bad-type',
  ],
  ['schema', { credentialSchema: { id: titleType, type: 'JsonSchema' } }, 'vcdm/bad-property'],
  ['context', { '@context': [v2, 'urn:weir:context:real-estate-title:1'] }, 'vcdm/bad-context'],
  ['member', { weir: { status: { list: 0, index: 5 } } }, 'vcdm/bad-property'],
  ['salt', { salt: 'A'.repeat(43) }, 'vcdm/bad-property'],
])('G9: one clerk gets nothing signed that has a certificate’s %s', async (_what, rest, code) => {
  for (const format of ['ldp_vc', 'vc+jwt', 'jwt_vc', 'dc+sd-jwt'] as const) {
    // This vocabulary defines every word.
    const wish = { '@context': [v2, examples], ...rest }
    expect([format, await refusedFor(wish, { format })]).toEqual([format, code])
  }
})

describe('a credential issued by VC-API', () => {
  test('has a proof of the service’s did:key, which another implementation verifies', async () => {
    const document = await issued({
      '@context': [v2, examples],
      type: ['VerifiableCredential', 'Sample'],
    })
    expect(document.issuer).toBe(api.integrity.did)
    expect(document['@context']).toEqual([v2, examples])
    expect(document.proof).toMatchObject({
      cryptosuite: 'eddsa-rdfc-2022',
      proofPurpose: 'assertionMethod',
    })
    expect(await (await secondImplementation()).verifies(document)).toBe(true)
  })

  test('keeps what the issuer says of itself beside its name', async () => {
    const name = [{ '@value': 'Sample office', '@language': 'en' }]
    const { issuer } = await issued({ issuer: { id: 'did:example:issuer', name } })
    expect(issuer).toEqual({ id: api.integrity.did, name })
  })

  test('is not written into what the caller gave', async () => {
    const given = credential()
    await issueCredential(api, given)
    expect(given).toEqual(credential())
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'contexts of its own',
      {
        '@context': [v2, { Sample: 'https://a.example/#Sample' }],
        type: ['VerifiableCredential', 'Sample'],
      },
    ],
    ['a type that is a URL', { type: ['VerifiableCredential', 'https://a.example/#Sample'] }],
    ['several subjects', { credentialSubject: [{ id: 'did:a:b' }, { id: 'did:a:c' }] }],
    [
      'names in two languages',
      {
        name: [
          { '@value': 'Sample', '@language': 'en' },
          { '@value': '样本', '@language': 'zh' },
        ],
      },
    ],
    [
      'a status of its own',
      {
        '@context': [v2, { S: 'https://a.example/#S' }],
        credentialStatus: { id: 'did:a:s', type: 'S' },
      },
    ],
    ['a schema', { credentialSchema: { type: 'https://a.example/#Schema', id: 'did:a:s' } }],
    [
      'a refresh service',
      { refreshService: { type: 'https://a.example/#Refresh', id: 'did:a:r' } },
    ],
    [
      'evidence',
      { '@context': [v2, { E: 'https://a.example/#E' }], evidence: [{ type: 'E' }, { type: 'E' }] },
    ],
    [
      'terms of use',
      { '@context': [v2, { T: 'https://a.example/#T' }], termsOfUse: { type: 'T', id: 'did:a:t' } },
    ],
    ['a beginning in the far future', { validFrom: '9999-01-01T00:00:00Z' }],
    ['version 1.1', { '@context': [v1], issuanceDate: '2026-01-01T00:00:00Z' }],
  ])('may have %s', async (_, rest) => expect((await issued(rest)).proof).toBeDefined())

  test.each<[string, Record<string, unknown>, string]>([
    ['no issuer', { issuer: undefined }, 'vcdm/bad-issuer'],
    ['an issuer that is no URL', { issuer: 'issuer' }, 'vcdm/bad-issuer'],
    [
      'an unknown context',
      { '@context': [v2, 'https://example.com'] },
      'integrity/unknown-context',
    ],
    ['an undefined type', { type: ['VerifiableCredential', 'Sample'] }, 'integrity/undefined-term'],
    [
      'a type undefined on purpose',
      { '@context': [v2, { '@vocab': null }], type: ['VerifiableCredential', 'Sample'] },
      'integrity/undefined-term',
    ],
    [
      'a type that stands for no URL',
      {
        '@context': [v2, { Sample: 'https ://not-a-url#Sample' }],
        type: ['VerifiableCredential', 'Sample'],
      },
      'vcdm/bad-context',
    ],
    ['an undefined claim', { credentialSubject: { nickname: 'S' } }, 'integrity/undefined-term'],
    [
      'a word defined anew',
      { '@context': [v2, { VerifiableCredential: 'https://a.example/#VerifiableCredential' }] },
      'integrity/undefined-term',
    ],
    [
      'a protected word of its own defined anew',
      {
        '@context': [
          v2,
          { '@protected': true, A: 'https://a.example/#A' },
          { A: 'https://b.example/#A' },
        ],
      },
      'integrity/undefined-term',
    ],
    [
      'an end before its beginning',
      { validFrom: '2026-01-02T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' },
      'vcdm/bad-validity',
    ],
    ['a proof that is none', { proof: {} }, 'vcdm/bad-proof'],
    [
      'a claim that nobody would sign',
      { credentialSubject: { id: 'did:a:b', name: null } },
      'vcdm/bad-property',
    ],
  ])('with %s is refused', async (_, rest, expected) =>
    expect(await refusedFor(rest)).toBe(expected),
  )

  test.each([undefined, null, 'text', 1, []])('%j is no credential', async (given) => {
    expect(await codeOf(issueCredential(api, given as never))).toBe('vcdm/bad-property')
  })

  test('takes the id that was asked for, and no other than its own', async () => {
    const credentialId = 'urn:uuid:6d8c1a2e-0000-4000-8000-000000000001'
    expect((await issued({}, { credentialId })).id).toBe(credentialId)
    expect(await refusedFor({ id: 'urn:uuid:other' }, { credentialId })).toBe('vcapi/bad-option')
    expect(await refusedFor({}, { credentialId: 'no url' })).toBe('vcapi/bad-option')
  })

  test('stands behind the proofs that it has already', async () => {
    const others = await secondImplementation()
    const first = (await others.sign(
      credential({ issuer: api.integrity.did }),
      'assertionMethod',
    )) as JsonObject
    const document = await issueCredential(api, first)
    expect(document.proof).toHaveLength(2)
    expect((await verifyCredential(api, document)).verified).toBe(true)
  })

  test('through the door for other protocols is in the service’s own name only', async () => {
    const own = credential({ issuer: api.integrity.did })
    expect((await issueLdpVc(api, own)).proof).toBeDefined()
    expect(await codeOf(issueLdpVc(api, credential()))).toBe('vcdm/bad-issuer')
  })
})

describe('in another format', () => {
  test('vc+jwt is the document in the department’s name, enveloped', async () => {
    const document = await issued({}, { format: 'vc+jwt' })
    expect(document['@context']).toBe(v2)
    expect(document.type).toBe('EnvelopedVerifiableCredential')
    expect(document.id).toMatch(/^data:application\/vc\+jwt,/)
    const token = tokenOf(document)
    const { did } = api.issuer.department
    expect(partOf(token, 0)).toEqual({
      alg: 'ES256',
      typ: 'vc+jwt',
      cty: 'vc',
      kid: `${did}#delegate-1`,
    })
    expect(partOf(token, 1)).toMatchObject({
      iss: did,
      issuer: did,
      type: ['VerifiableCredential'],
    })
  })

  test('jwt_vc says the same in the words of version 1.1', async () => {
    const validFrom = '2026-01-01T00:00:00Z'
    const document = await issued({ validFrom, id: 'urn:uuid:1' }, { format: 'jwt_vc' })
    const payload = partOf(tokenOf(document), 1)
    expect(payload).toMatchObject({
      iss: api.issuer.department.did,
      sub: 'did:example:subject',
      jti: 'urn:uuid:1',
      nbf: Date.parse(validFrom) / 1000,
    })
    expect(payload.vc['@context']).toEqual([v1])
    expect(payload.vc.issuanceDate).toBe(validFrom)
    expect(payload.vc.validFrom).toBeUndefined()
  })

  test('dc+sd-jwt conceals every claim', async () => {
    const subject = { id: 'did:example:subject', givenName: 'Sample', familyName: 'Person' }
    const rest = {
      '@context': [v2, examples],
      type: ['VerifiableCredential', 'Sample'],
      credentialSubject: subject,
    }
    const document = await issued(rest, { format: 'dc+sd-jwt' })
    expect(document.id).toMatch(/^data:application\/dc\+sd-jwt,/)
    const [jwt = '', ...disclosures] = tokenOf(document).split('~')
    const payload = partOf(jwt, 1)
    expect(payload.vct).toBe('urn:weir:credential:Sample')
    expect(JSON.stringify(payload)).not.toContain('Sample Person')
    expect(payload.givenName).toBeUndefined()
    expect(payload._sd).toHaveLength(2)
    expect(disclosures.filter(Boolean)).toHaveLength(2)
  })

  test('every format verifies, and a changed signature does not', async () => {
    for (const format of ['ldp_vc', 'vc+jwt', 'jwt_vc', 'dc+sd-jwt'] as const) {
      const rest = {
        '@context': [v2, examples],
        credentialSubject: { id: 'did:a:b', givenName: 'S' },
      }
      const document = await issued(rest, { format })
      const good = await verifyCredential(api, document)
      expect([format, good.errors]).toEqual([format, []])
      if (format === 'ldp_vc') continue
      const [head, payload, signature = ''] = tokenOf(document).split('.')
      const other = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)
      const id = `${String(document.id).split(',')[0]},${head}.${payload}.${other}`
      const bad = await verifyCredential(api, { ...document, id })
      expect(bad.errors.map(({ code }) => code)).toEqual(['signature/bad'])
    }
  })

  test('version 1.1, a given proof and several subjects are refused where they cannot be told', async () => {
    const older = { '@context': [v1], issuanceDate: '2026-01-01T00:00:00Z' }
    expect(await refusedFor(older, { format: 'vc+jwt' })).toBe('vcapi/bad-option')
    const secured = await issued()
    expect(await codeOf(issueCredential(api, secured, { format: 'jwt_vc' }))).toBe(
      'vcapi/bad-option',
    )
    const several = { credentialSubject: [{ id: 'did:a:b' }, { id: 'did:a:c' }] }
    expect(await refusedFor(several, { format: 'dc+sd-jwt' })).toBe('vcdm/bad-subject')
    const taken = { '@context': [v2, examples], credentialSubject: { vct: 'x' } }
    expect(await refusedFor(taken, { format: 'dc+sd-jwt' })).toBe('vcdm/bad-subject')
  })

  test('a key that is not to be used any more signs nothing', async () => {
    const { api: other, world } = await newVcApi()
    const { model, issuer, address } = world
    model.govern((state) => {
      const key = [...state.keys.values()].find((one) => one.department === address)!
      state.keys.set(issuer.signer.key.thumbprint, { ...key, retiredAt: model.head().time })
    })
    model.mine()
    expect(await codeOf(issueCredential(other, credential(), { format: 'vc+jwt' }))).toBe(
      'issue/key-not-usable',
    )
    expect((await issueCredential(other, credential())).proof).toBeDefined()
  })
})
