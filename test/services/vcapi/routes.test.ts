import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { integrityOf } from '../../adapters/dataIntegrity/keys.ts'
import { secondImplementation } from '../../adapters/dataIntegrity/second.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'
import { credential, presentation } from '../../vcapi/world.ts'

const department = 'registration-centre'
let district: TestDistrict
let service: TestService
beforeAll(async () => {
  district = await startTestDistrict()
  service = await startTestService(district.home, department)
})
afterAll(async () => {
  await service?.close()
  await district?.close()
})

type Answer = {
  readonly verified: boolean
  readonly code: string
  readonly type: string
  readonly warnings: { code: string }[]
  readonly problemDetails: { code: string; type: string; title: string }[]
  readonly verifiableCredential: Record<string, unknown>
  readonly verifiablePresentation: Record<string, unknown>
}

async function post(path: string, body: unknown) {
  const answer = await service.ask('POST', path, { body })
  const json = (await answer.json()) as Answer
  return { status: answer.status, type: answer.headers.get('content-type'), json }
}
const issue = (options?: object, rest = {}) =>
  post('/credentials/issue', { credential: credential(rest), ...(options && { options }) })
const verify = (verifiableCredential: unknown, options: object = { checks: ['proof'] }) =>
  post('/credentials/verify', { verifiableCredential, options })

describe('VC-API', () => {
  test('issues with 201, and verifies with 200 what it issued', async () => {
    const { status, json } = await issue()
    expect(status).toBe(201)
    const { verifiableCredential } = json
    const identifiers = await (await service.ask('GET', '/conformance/identifiers')).json()
    expect(identifiers).toMatchObject({ dataIntegrityIssuer: verifiableCredential.issuer })
    const good = await verify(verifiableCredential)
    expect([good.status, good.json.verified, good.json.problemDetails]).toEqual([200, true, []])
  })

  test('takes a request without options, and with none', async () => {
    const { json } = await post('/credentials/issue', { credential: credential(), options: null })
    const { verifiableCredential } = json
    expect((await post('/credentials/verify', { verifiableCredential })).status).toBe(200)
    const presentable = { presentation: presentation(), options: null }
    expect((await post('/presentations', presentable)).status).toBe(201)
  })

  test('answers 400 with problem details for what does not verify', async () => {
    const { verifiableCredential } = (await issue()).json
    const bad = await verify({ ...verifiableCredential, validUntil: '9999-01-01T00:00:00Z' })
    expect(bad.status).toBe(400)
    expect(bad.type).toBe('application/problem+json')
    expect(bad.json).toMatchObject({ verified: false, code: 'signature/bad' })
    expect(bad.json.problemDetails[0]).toMatchObject({
      code: 'signature/bad',
      type: 'https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR',
    })
    expect(bad.json.problemDetails[0]!.title).toMatch(/^[A-Z].*\.$/)
  })

  test.each(['vc+jwt', 'jwt_vc', 'dc+sd-jwt'])(
    'issues and verifies %s in its envelope',
    async (format) => {
      const { status, json } = await issue({ format })
      expect(status).toBe(201)
      expect(json.verifiableCredential.type).toBe('EnvelopedVerifiableCredential')
      const good = await verify(json.verifiableCredential)
      expect([good.status, good.json.problemDetails]).toEqual([200, []])
      expect(
        (await verify({ ...json.verifiableCredential, id: 'data:application/vc+jwt,a.b.c' }))
          .status,
      ).toBe(400)
    },
  )

  test('verifies another implementation’s credentials and presentations', async () => {
    const others = await secondImplementation()
    const document = await others.issue(credential({ issuer: others.did }))
    const good = await verify(document)
    expect(good.status).toBe(200)
    expect(good.json.warnings.map(({ code }) => code)).toContain('accreditation/unknown-issuer')
    const answer = { challenge: 'c-1', domain: 'verifier.example' }
    const vp = await others.present(presentation({ verifiableCredential: [document] }), answer)
    const asked = (options: object) =>
      post('/presentations/verify', { verifiablePresentation: vp, options })
    expect((await asked(answer)).status).toBe(200)
    expect((await asked({ ...answer, challenge: 'c-2' })).json.code).toBe('holder/wrong-nonce')
  })

  test('makes presentations of its own', async () => {
    const answer = { challenge: 'c-1', domain: 'verifier.example' }
    const { status, json } = await post('/presentations', {
      presentation: presentation(),
      options: answer,
    })
    expect(status).toBe(201)
    const { verifiablePresentation } = json
    const asked = { verifiablePresentation, options: answer }
    expect((await post('/presentations/verify', asked)).status).toBe(200)
    expect((await post('/presentations', { presentation: credential() })).status).toBe(400)
  })

  test('gives a status and queues its change', async () => {
    const { json } = await issue({ credentialStatus: true })
    const { verifiableCredential } = json
    expect(verifiableCredential.credentialStatus).toMatchObject({ statusPurpose: 'revocation' })
    expect((await verify(verifiableCredential)).status).toBe(200)
    const change = {
      credentialId: verifiableCredential.id,
      credentialStatus: { statusPurpose: 'revocation' },
    }
    expect((await post('/credentials/status', change)).status).toBe(200)
    expect(
      (await post('/credentials/status', { ...change, credentialId: 'urn:uuid:none' })).status,
    ).toBe(404)
  })

  test('its did:key is the same after a restart', async () => {
    const did = service.service.integrity.did
    expect(did).not.toBe(integrityOf().did)
    await service.close()
    service = await startTestService(district.home, department)
    expect(service.service.integrity.did).toBe(did)
  })
})

describe('H: whatever is sent', () => {
  const bodies: [string, unknown][] = [
    ['nothing', ''],
    ['no JSON', '{'],
    ['a member twice', '{"credential":{},"credential":{}}'],
    ['a list', []],
    ['a number', 1],
    ['an empty object', {}],
    [
      'null as document',
      {
        credential: null,
        verifiableCredential: null,
        verifiablePresentation: null,
        presentation: null,
      },
    ],
    [
      'a number as document',
      { credential: 1, verifiableCredential: 1, verifiablePresentation: 1, presentation: 1 },
    ],
    [
      'text as document',
      {
        credential: 'a',
        verifiableCredential: 'a',
        verifiablePresentation: 'a',
        presentation: 'a',
      },
    ],
    [
      'a prototype as document',
      '{"credential":{"__proto__":{"a":1}},"verifiableCredential":{"__proto__":{"a":1}},"verifiablePresentation":{"__proto__":{"a":1}},"presentation":{"__proto__":{"a":1}}}',
    ],
    [
      'an unsafe number',
      '{"credential":{"a":1e400},"verifiableCredential":{"a":1e400},"verifiablePresentation":{"a":1e400},"presentation":{"a":1e400}}',
    ],
    [
      'options of another form',
      {
        credential: {},
        verifiableCredential: {},
        verifiablePresentation: {},
        presentation: {},
        options: 1,
      },
    ],
    ['depth', `{"credential":${'['.repeat(200)}${']'.repeat(200)}}`],
  ]
  const paths = [
    '/credentials/issue',
    '/credentials/verify',
    '/presentations/verify',
    '/presentations',
    '/credentials/status',
  ]

  test.each(bodies)('%s is answered with 400 and problem details, never 500', async (_, body) => {
    for (const path of paths) {
      const answer = await post(path, body)
      expect([path, answer.status]).toEqual([path, 400])
      expect(answer.type).toBe('application/problem+json')
      expect(answer.json.code).toMatch(/^[a-z]+\/[a-z-]+$/)
    }
  })

  test('an unknown format or a challenge of another kind is answered with 400', async () => {
    expect((await issue({ format: 'mso_mdoc' })).status).toBe(400)
    expect((await issue({ credentialStatus: { statusPurpose: 'other' } })).status).toBe(400)
    const { verifiableCredential } = (await issue()).json
    expect((await verify(verifiableCredential, { challenge: 1 })).status).toBe(400)
  })

  test('J1: nothing is issued or verified for somebody without a token', async () => {
    await service.close()
    const tokens = [{ name: 'desk', roles: ['clerk'], sha256: 'ab'.repeat(32) }] as const
    service = await startTestService(district.home, department, { configure: { tokens } })
    for (const path of paths) {
      expect([path, (await service.ask('POST', path, { body: {} })).status]).toEqual([path, 401])
    }
  })
})
