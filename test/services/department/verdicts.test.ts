import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeBase64url, sha256 } from '#primitives'
import { drain } from '../../../src/issuer/drain.ts'
import { sampleTitle } from '../../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'
import { secondsOf, signedJwt, walletKey } from '../../support/wallet.ts'

const purpose = 'loan application'
const nonce = 'a-nonce-of-the-bank'
const audience = 'https://bank.example'
const key = walletKey()

describe('a verdict over HTTP', () => {
  let district: TestDistrict
  let running: TestService
  let certificate: string
  let bound: string
  let late: string
  beforeAll(async () => {
    district = await startTestDistrict(['registration-centre'])
    running = await startTestService(district.home, 'registration-centre')
    certificate = await issued(1, 'vc+jwt')
    bound = await issued(2, 'dc+sd-jwt')
    await drain(running.service.department.issuer, { pause: () => district.settle() })
    late = await issued(3, 'vc+jwt')
  })
  afterAll(async () => {
    await running?.close()
    await district?.close()
  })

  const post = async (path: string, body: unknown) => {
    const answer = await running.ask('POST', path, { body, token: 'clerk-1' })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const issued = async (number: number, format: string): Promise<string> => {
    const { body } = await post('/certificates', {
      type: 'real-estate-title',
      claims: sampleTitle(number),
      formats: [format],
      ...(format === 'dc+sd-jwt' && { holder_keys: [key.publicJwk] }),
    })
    return body.copies[0].token
  }
  const judged = async (body: object) => {
    const answer = await post('/verifier/verdicts', { purpose, ...body })
    const { outcome, checks = [], credentials = [] } = answer.body
    const all = [...checks, ...credentials.flatMap((one: { checks: object[] }) => one.checks)]
    const bad = all.filter((one) => one.outcome !== 'pass').map(({ code }) => code)
    return { status: answer.status, outcome, bad, code: answer.body.code }
  }
  const presented = (over: object = {}) => {
    const token = bound.endsWith('~') ? bound : `${bound}~`
    const payload = {
      iat: secondsOf(new Date()),
      nonce,
      aud: audience,
      sd_hash: encodeBase64url(sha256(token)),
      ...over,
    }
    return token + signedJwt(key, { typ: 'kb+jwt' }, payload)
  }

  test('on an anchored certificate is valid, with every check and no claim', async () => {
    const { status, body } = await post('/verifier/verdicts', { credential: certificate, purpose })
    expect([status, body.outcome]).toEqual([200, 'valid'])
    expect(body.credentials[0].checks).toHaveLength(11)
    expect(JSON.stringify(body)).not.toContain('样本甲')
  })

  test('on one that is not anchored yet is not valid', async () => {
    const { outcome, bad } = await judged({ credential: late })
    expect(outcome).not.toBe('valid')
    expect(bad).toContain('anchor/pending')
  })

  test('refuses a certificate of which a byte was changed', async () => {
    const [header, payload, signature] = certificate.split('.') as [string, string, string]
    const at = signature.length >> 1
    const other = signature[at] === 'A' ? 'B' : 'A'
    const changed = `${header}.${payload}.${signature.slice(0, at)}${other}${signature.slice(at + 1)}`
    const { status, outcome, bad } = await judged({ credential: changed })
    expect([status, outcome, bad[0]]).toEqual([200, 'invalid', 'signature/bad'])
  })

  test('refuses what is no certificate at all, with 200 too', async () => {
    const answer = await judged({ credential: 'no certificate' })
    expect([answer.status, answer.outcome]).toEqual([200, 'invalid'])
  })

  test('on a presentation asks for its nonce and its audience', async () => {
    const good = { presentation: presented(), nonce, audience }
    expect(await judged(good)).toMatchObject({ outcome: 'valid', bad: [] })
  })

  test.each([
    ['another nonce', {}, { nonce: 'another' }],
    ['another audience', {}, { audience: 'https://other.example' }],
    ['an old key binding', { iat: 1_700_000_000 }, {}],
    ['other disclosures', { sd_hash: encodeBase64url(sha256('x')) }, {}],
  ])('refuses a presentation with %s', async (_what, over, asked) => {
    const body = { presentation: presented(over), nonce, audience, ...asked }
    expect(await judged(body)).toMatchObject({ status: 200, outcome: 'invalid' })
  })

  test('refuses a presentation without key binding', async () => {
    const answer = await judged({ presentation: bound, nonce, audience })
    expect(answer.outcome).toBe('invalid')
  })

  test.each([
    ['no purpose', { credential: 'x', purpose: undefined }],
    ['a presentation without nonce', { presentation: 'x', audience }],
    ['a certificate and a presentation', { credential: 'x', presentation: 'x', nonce, audience }],
    ['too long a text', { credential: 'x'.repeat(262_145) }],
  ])('is not given for a wish with %s', async (_what, body) => {
    expect(await judged(body)).toMatchObject({ status: 400, code: 'request/malformed' })
  })

  test('leaves fingerprint and purpose in the audit log, and nothing else of it', async () => {
    await judged({ credential: certificate })
    const lines = await running.service.audit.scan(0, 1000)
    const said = lines.filter(({ entry }) => entry.action === 'POST /verifier/verdicts')
    const { body } = await post('/verifier/verdicts', { credential: certificate, purpose })
    expect(said.at(-1)?.entry).toMatchObject({
      actor: 'clerk-1',
      subject: body.credentials[0].fingerprint,
      detail: { purpose, status: 200 },
    })
    expect(JSON.stringify(said)).not.toContain('样本')
  })
})
