import { describe, expect, test } from 'vitest'
import { typeDocuments } from '../../src/certificate/documents.ts'
import { drafts } from '../../src/certificate/draft.ts'
import type { CertificateType } from '../../src/certificate/model.ts'
import { builtInTypes, findType } from '../../src/certificate/types.ts'
import type { CredentialDraft, Format, JsonObject } from '../../src/credential/model.ts'
import { parseCredential } from '../../src/credential/parse.ts'
import { prepare } from '../../src/credential/prepare.ts'
import { assembleToken } from '../../src/credential/token.ts'
import { codeOf } from './refusal.ts'
import { did, draftRequest, formats, holder, issuedAt } from './request.ts'

const licence = findType('business-licence')
const each = builtInTypes.flatMap((type) => formats.map((format) => [type, format] as const))

function draft(type: CertificateType, format: Format, more: object = {}): CredentialDraft {
  return drafts(type, { ...draftRequest(type.id, [format]), ...more })[0]!
}

/** The names of a type's fields that are S or R and have a value, nested ones by their pointer. */
function hidden(type: CertificateType, claims: JsonObject, prefix: string): string[] {
  return type.fields.flatMap((field) => {
    const value = claims[field.name]
    if (value === undefined) return []
    if (field.type === 'objects')
      return (value as JsonObject[]).flatMap((item, i) =>
        field
          .fields!.filter(({ name }) => name in item)
          .map(({ name }) => `${prefix}/${field.name}/${i}/${name}`),
      )
    return field.disclosure === 'P' ? [] : [`${prefix}/${field.name}`]
  })
}

test.each(each.map(([type, format]) => [type.id, format, type] as const))(
  'a draft of %s as %s is read back as what was asked for',
  (id, format, type) => {
    const request = draftRequest(id, [format])
    const prepared = prepare(drafts(type, request)[0]!)
    const read = parseCredential(assembleToken(prepared, new Uint8Array(64).fill(1)))
    expect(read.format).toBe(format)
    expect(read.certificateType).toBe(type.uri)
    expect(read.issuer).toBe(format === 'dc+sd-jwt' ? undefined : did)
    expect(read.issuedAt).toEqual(issuedAt)
    expect(read.chain).toBe('eip155:31337')
    expect(read.status).toEqual({ list: 3, index: 131_071 })
    expect(read.holderKey).toEqual(holder)
    expect(JSON.parse(JSON.stringify(read.claims))).toEqual(request.claims)
  },
)

test.each(each.map(([type, format]) => [type.id, format, type] as const))(
  'H6: %s as %s hides exactly its S and R claims where the format can',
  (_id, format, type) => {
    const request = draftRequest(type.id, [format])
    const prefix = format === 'dc+sd-jwt' ? '' : '/credentialSubject'
    const isSelective = format === 'dc+sd-jwt' || format === 'vc+sd-jwt'
    const expected = isSelective ? hidden(type, request.claims, prefix) : []
    expect([...drafts(type, request)[0]!.disclosable].sort()).toEqual(expected.sort())
  },
)

test('no identity number of a party stands in the signed bytes of a marriage certificate', () => {
  const request = draftRequest('marriage-certificate', ['dc+sd-jwt', 'vc+sd-jwt'])
  for (const one of drafts(findType('marriage-certificate'), request)) {
    const payload = prepare(one).signingInput.split('.')[1]!
    const text = Buffer.from(payload, 'base64url').toString()
    for (const party of request.claims.parties as JsonObject[])
      for (const value of Object.values(party)) expect(text).not.toContain(`"${value}"`)
    expect(text).toContain(String(request.claims.certificate_number))
  }
})

describe('the payload', () => {
  const common = {
    iat: 1_795_334_400,
    salt: 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE',
    weir: { chain: 'eip155:31337', status: { list: 3, index: 131_071 }, certificate: 'X-1' },
    cnf: { jwk: holder },
  }
  const claims = draftRequest(licence.id).claims
  const list = `https://registry.example/status/0x${'ab'.repeat(20)}/3`
  const subject = {
    id: expect.stringMatching(/^did:jwk:/),
    ...claims,
  }

  test('of dc+sd-jwt with a certificate names no issuer and no kid', () => {
    const { header, payload } = draft(licence, 'dc+sd-jwt')
    expect(header).toEqual({ alg: 'ES256', typ: 'dc+sd-jwt', x5c: ['MAA='] })
    expect(payload).toEqual({
      ...common,
      vct: licence.uri,
      'vct#integrity': typeDocuments(licence).metadata.integrity,
      ...claims,
      status: { status_list: { idx: 131_071, uri: `${list}/token` } },
      _sd_alg: 'sha-256',
    })
  })

  test('of dc+sd-jwt share a header as long as the certificates cannot change', () => {
    const { issuer } = draftRequest(licence.id)
    const headerOf = (x5c: readonly string[]) =>
      draft(licence, 'dc+sd-jwt', { issuer: { ...issuer, x5c } }).header
    const fixed = Object.freeze(['MAA='])
    expect(headerOf(fixed)).toBe(headerOf(fixed))
    expect(Object.isFrozen(headerOf(fixed).x5c)).toBe(true)
    const open = ['MAA=']
    const before = headerOf(open)
    open[0] = 'MAEA'
    expect(before.x5c).toEqual(['MAA='])
    expect(headerOf(open).x5c).toEqual(['MAEA'])
  })

  test('of dc+sd-jwt without a certificate names issuer and kid and no x5c', () => {
    const issuer = { did, kid: `${did}#delegate-1` }
    const { header, payload } = draft(licence, 'dc+sd-jwt', { issuer })
    expect(header).toEqual({ alg: 'ES256', typ: 'dc+sd-jwt', kid: `${did}#delegate-1` })
    expect(payload.iss).toBe(did)
    const empty = draft(licence, 'dc+sd-jwt', { issuer: { ...issuer, x5c: [] } })
    expect(empty.header).toEqual(header)
  })

  test('of vc+jwt is a VC Data Model 2.0 credential', () => {
    const { header, payload } = draft(licence, 'vc+jwt')
    expect(header).toEqual({ alg: 'ES256', typ: 'vc+jwt', cty: 'vc', kid: `${did}#delegate-1` })
    expect(payload).toEqual({
      ...common,
      '@context': ['https://www.w3.org/ns/credentials/v2', 'urn:weir:context:business-licence:1'],
      type: ['VerifiableCredential', 'BusinessLicence'],
      iss: did,
      issuer: did,
      validFrom: '2026-11-22T08:00:00Z',
      credentialSubject: subject,
      credentialSchema: { id: licence.uri, type: 'JsonSchema' },
      credentialStatus: ['revocation', 'suspension', 'refresh'].map((statusPurpose) => ({
        type: 'BitstringStatusListEntry',
        statusPurpose,
        statusListIndex: '131071',
        statusListCredential: `${list}/${statusPurpose}`,
      })),
    })
  })

  test('of jwt_vc is a VC Data Model 1.1 credential', () => {
    const { header, payload } = draft(licence, 'jwt_vc')
    expect(header).toEqual({ alg: 'ES256', typ: 'JWT', kid: `${did}#delegate-1` })
    expect(payload).toEqual({
      ...common,
      iss: did,
      sub: subject.id,
      nbf: common.iat,
      vc: {
        '@context': [
          'https://www.w3.org/2018/credentials/v1',
          'urn:weir:context:business-licence:1',
        ],
        type: ['VerifiableCredential', 'BusinessLicence'],
        credentialSubject: subject,
        credentialSchema: { id: licence.uri, type: 'JsonSchema' },
      },
    })
  })

  test('has neither holder nor list where none was given', () => {
    for (const format of formats) {
      const { payload } = draft(licence, format, { holder: undefined, listBase: undefined })
      for (const absent of ['cnf', 'sub', 'status', 'credentialStatus'])
        expect(payload).not.toHaveProperty(absent)
      expect(JSON.stringify(payload)).not.toContain('did:jwk')
    }
  })

  test('names the fingerprint that it replaces, and only one of 64 hex digits', () => {
    const salt = new Uint8Array(32)
    const copies = (replaces: string) => ({ copies: [{ format: 'vc+jwt', salt, replaces }] })
    const { payload } = draft(licence, 'vc+jwt', copies('0f'.repeat(32)))
    expect(payload.weir).toMatchObject({ replaces: '0f'.repeat(32) })
    for (const wrong of ['', '0F'.repeat(32), `0x${'0f'.repeat(32)}`, '0f'.repeat(31)])
      expect(codeOf(() => draft(licence, 'vc+jwt', copies(wrong)))).toBe(
        'certificate/bad-fingerprint',
      )
  })
})

test('I1: a salt that is not 32 bytes is refused in every format', () => {
  for (const format of formats)
    for (const length of [0, 16, 31, 33, 64]) {
      const copies = [{ format, salt: new Uint8Array(length) }]
      expect(codeOf(() => draft(licence, format, { copies }))).toBe('credential/weak-salt')
    }
})

test('a holder key of a curve that verifiers here do not know, or with a coordinate amiss, is refused', () => {
  const { y: _, ...noY } = holder
  const wrong = [
    noY,
    { ...holder, crv: 'P-384' },
    { ...holder, kty: 'OKP' },
    { ...holder, x: 'AQ' },
    { ...noY, kty: 'OKP', crv: 'X25519' },
    { ...holder, kty: 'OKP', crv: 'Ed25519' },
    { ...noY, crv: 'secp256k1' },
  ]
  for (const key of wrong)
    expect(codeOf(() => draft(licence, 'vc+jwt', { holder: key }))).toBe('credential/bad-key')
})

test('a copy is bound to a key of P-256, secp256k1 or Ed25519 as the key is', () => {
  const { y: _, ...noY } = holder
  for (const key of [
    holder,
    { ...holder, crv: 'secp256k1' },
    { ...noY, kty: 'OKP', crv: 'Ed25519' },
  ])
    expect(draft(licence, 'vc+jwt', { holder: key }).payload.cnf).toEqual({ jwk: key })
})

test('a private member of a holder key never reaches the draft', () => {
  const key = { ...holder, d: 'secret' }
  for (const format of formats)
    expect(JSON.stringify(draft(licence, format, { holder: key }))).not.toContain('secret')
})

test('validity is the same in every format', () => {
  const validFrom = new Date('2026-12-01T00:00:00Z')
  const validUntil = new Date('2027-12-01T00:00:00Z')
  for (const format of formats) {
    const { payload } = draft(licence, format, { validFrom, validUntil })
    expect(payload).toMatchObject({ nbf: 1_796_083_200, exp: 1_827_619_200 })
  }
  const { payload } = draft(licence, 'vc+sd-jwt', { validFrom, validUntil })
  expect(payload).toMatchObject({
    validFrom: '2026-12-01T00:00:00Z',
    validUntil: '2027-12-01T00:00:00Z',
  })
})

test('drafts leave the claims they were given alone', () => {
  const request = draftRequest('marriage-certificate')
  const before = JSON.stringify(request.claims)
  for (const one of drafts(findType('marriage-certificate'), request)) one.payload.more = 'x'
  expect(JSON.stringify(request.claims)).toBe(before)
})
