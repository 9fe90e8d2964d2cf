import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drain } from '../../src/issuer/drain.ts'
import { sampleTitle } from '../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../support/service.ts'

describe('certificates over HTTP', () => {
  let district: TestDistrict
  let running: TestService
  beforeAll(async () => {
    district = await startTestDistrict(['registration-centre'])
    running = await startTestService(district.home, 'registration-centre')
  })
  afterAll(async () => {
    await running?.close()
    await district?.close()
  })

  const post = async (path: string, body: unknown, token = 'clerk-1', headers = {}) => {
    const answer = await running.ask('POST', path, { body, token, headers })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const get = async (path: string, token = 'clerk-1') => {
    const answer = await running.ask('GET', path, { token })
    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test expects
    return { status: answer.status, body: (await answer.json()) as any }
  }
  const issued = async (number: number): Promise<string> => {
    const { body } = await post('/certificates', wish(number))
    return body.copies[0].fingerprint
  }
  const wish = (number: number) => ({
    type: 'real-estate-title',
    claims: sampleTitle(number),
    formats: ['vc+jwt'],
  })
  const anchored = () =>
    drain(running.service.department.issuer, { pause: () => district.settle() })
  const grounds = { reason: 'R-01', legal_basis: 'Art. 64' }

  test('a clerk’s system issues, and sees the certificate anchored with its proof', async () => {
    const { status, body } = await post('/certificates', wish(1))
    expect(status).toBe(201)
    const [{ fingerprint, token }] = body.copies
    expect(token.split('.')).toHaveLength(3)
    const before = await get(`/certificates/${fingerprint}`)
    expect(before.body.copies[0]).toMatchObject({ state: 'durable', status: 'valid' })
    await anchored()
    const after = await get(`/certificates/${fingerprint}`)
    expect(after.body.copies[0]).toMatchObject({ state: 'final', proof: { size: 16 } })
    expect(JSON.stringify(after.body)).not.toContain('样本甲')
  })

  test('G7: the same wish under one Idempotency-Key is issued once, another is refused', async () => {
    const key = { 'idempotency-key': 'row-7' }
    const first = await post('/certificates', wish(7), 'clerk-1', key)
    const again = await post('/certificates', wish(7), 'clerk-1', key)
    expect(again).toEqual(first)
    const other = await post('/certificates', wish(8), 'clerk-1', key)
    expect([other.status, other.body.code]).toEqual([409, 'issue/idempotency-conflict'])
    const another = await post('/certificates', wish(7), 'clerk-2', key)
    expect(another.body.copies[0].fingerprint).not.toBe(first.body.copies[0].fingerprint)
  })

  test('twenty that are asked at once are all issued, a bad one among them alone refused', async () => {
    const wishes = Array.from({ length: 20 }, (_, i) => wish(100 + i))
    wishes[3] = { ...wishes[3]!, claims: { title_number: '1' } as never }
    const answers = await Promise.all(wishes.map((one) => post('/certificates', one)))
    expect(answers.map(({ status }) => status)).toEqual(wishes.map((_, i) => (i === 3 ? 422 : 201)))
    const fingerprints = answers.flatMap(({ body }) => body.copies?.[0].fingerprint ?? [])
    expect(new Set(fingerprints).size).toBe(19)
  })

  test('what is wrong with a wish is named without its values', async () => {
    const claims = { ...sampleTitle(20), unit_number: 'SECRET-VALUE' }
    const { status, body } = await post('/certificates', { ...wish(20), claims })
    expect(status).toBe(422)
    expect(body.code).toMatch(/^certificate\//)
    expect(JSON.stringify(body)).not.toContain('SECRET-VALUE')
    const unknown = await post('/certificates', { ...wish(20), type: 'no-such-type' })
    expect([unknown.status, unknown.body.code]).toEqual([422, 'certificate/unknown-type'])
  })

  test('a certificate is suspended and resumed by one clerk', async () => {
    const path = `/certificates/${await issued(30)}/status`
    const end = new Date(Date.now() + 86_400_000).toISOString()
    const without = await post(path, { to: 'suspended', ...grounds })
    expect([without.status, without.body.code]).toEqual([422, 'status/needs-grounds'])
    const suspended = await post(path, { to: 'suspended', ...grounds, expected_end: end })
    expect([suspended.status, suspended.body]).toEqual([202, { queued: 1 }])
    const twice = await post(path, { to: 'suspended', ...grounds, expected_end: end })
    expect([twice.status, twice.body.code]).toEqual([409, 'status/unchanged'])
    await anchored()
    expect((await post(path, { to: 'valid', ...grounds })).status).toBe(202)
  })

  test('G9: revoking takes a second person, and that is not who asked for it', async () => {
    const fingerprint = await issued(40)
    const path = `/certificates/${fingerprint}/status`
    const asked = await post(path, { to: 'revoked', ...grounds }, 'clerk-1')
    expect(asked.status).toBe(202)
    const approval = `/approvals/${asked.body.approval}`
    const shown = await get(approval, 'head-2')
    expect(shown.body).toMatchObject({ requester: 'clerk-1', do: 'status', wish: { fingerprint } })
    const own = await post(approval, { decision: 'approve' }, 'clerk-1')
    expect([own.status, own.body.code]).toEqual([422, 'status/needs-approver'])
    const decisions = ['head-2', 'head-3', 'head-4'].map((who) =>
      post(approval, { decision: 'approve' }, who),
    )
    const statuses = (await Promise.all(decisions)).map(({ status }) => status)
    expect(statuses.sort()).toEqual([202, 404, 404])
    await anchored()
    const { body } = await get(`/certificates/${fingerprint}`)
    expect(body.copies[0].status).toBe('revoked')
    const late = await post(path, { to: 'revoked', ...grounds }, 'clerk-1')
    const final = await post(`/approvals/${late.body.approval}`, { decision: 'approve' }, 'head-2')
    expect(final.status).toBe(409)
  })

  test('a refused wish is gone and nothing is done', async () => {
    const fingerprint = await issued(50)
    const asked = await post(`/certificates/${fingerprint}/status`, { to: 'revoked', ...grounds })
    const approval = `/approvals/${asked.body.approval}`
    expect((await post(approval, { decision: 'refuse' }, 'head-2')).body).toEqual({
      state: 'refused',
    })
    expect((await get(approval, 'head-2')).status).toBe(404)
    const { body } = await get(`/certificates/${fingerprint}`)
    expect(body.copies[0].waiting).toEqual([])
  })

  test('G9: a certificate is replaced by two people, and no block shows both or neither', async () => {
    const fingerprint = await issued(70)
    await anchored()
    const path = `/certificates/${fingerprint}/successor`
    const asked = await post(path, { ...wish(71), ...grounds }, 'clerk-1')
    expect(asked.status).toBe(202)
    const approval = `/approvals/${asked.body.approval}`
    const shown = await get(approval, 'head-2')
    expect(shown.body).toMatchObject({ requester: 'clerk-1', do: 'supersede' })
    const own = await post(approval, { decision: 'approve' }, 'clerk-1')
    expect([own.status, own.body.code]).toEqual([422, 'status/needs-approver'])
    const decisions = ['head-2', 'head-3'].map((who) =>
      post(approval, { decision: 'approve' }, who),
    )
    const answers = await Promise.all(decisions)
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404])
    const done = answers.find(({ status }) => status === 201)!
    const successor = done.body.copies[0].fingerprint
    const { certificates } = running.service.department.issuer
    await anchored()
    const stands = async (which: string) => (await get(`/certificates/${which}`)).body.copies[0]
    expect(await stands(fingerprint)).toMatchObject({ status: 'superseded', state: 'final' })
    expect(await stands(successor)).toMatchObject({ status: 'valid', state: 'final' })
    const { address } = running.service.department
    const [copy] = await certificates.byFingerprints(address, [
      new Uint8Array(Buffer.from(successor, 'hex')),
    ])
    expect(copy?.replaces).toBe(fingerprint)
  })

  test('a successor is refused without grounds, of nothing, and of what has ended', async () => {
    const fingerprint = await issued(80)
    const path = `/certificates/${fingerprint}/successor`
    const without = await post(path, wish(81))
    expect([without.status, without.body.code]).toEqual([400, 'request/malformed'])
    const approved = async (at: string, number: number) => {
      const { body } = await post(at, { ...wish(number), ...grounds })
      const answer = await post(`/approvals/${body.approval}`, { decision: 'approve' }, 'head-2')
      return [answer.status, answer.body.code]
    }
    const nothing = `/certificates/${'0'.repeat(64)}/successor`
    expect(await approved(nothing, 82)).toEqual([404, 'status/unknown-certificate'])
    await anchored()
    expect(await approved(path, 83)).toEqual([201, undefined])
    await anchored()
    expect((await approved(path, 84))[0]).toBe(409)
  })

  test('an unknown certificate is not found, whoever asks', async () => {
    const path = `/certificates/${'0'.repeat(64)}`
    expect(await get(path)).toMatchObject({
      status: 404,
      body: { code: 'status/unknown-certificate' },
    })
    expect((await post(`${path}/status`, { to: 'revoked', ...grounds })).status).toBe(404)
  })

  test('who did what for which purpose is in the audit log, refused calls too', async () => {
    const fingerprint = await issued(60)
    await get(`/certificates/${fingerprint}?purpose=${encodeURIComponent('年度检查')}`, 'auditor-1')
    await post('/certificates', { type: 5 }, 'clerk-9')
    const { body } = await get('/audit?limit=1000')
    const { lines } = body as { lines: { actor: string; subject: string; detail: object }[] }
    const looked = lines.find(
      ({ actor, subject }) => actor === 'auditor-1' && subject === fingerprint,
    )
    expect(looked).toMatchObject({
      action: 'GET /certificates/:fingerprint',
      detail: { status: 200, purpose: '年度检查' },
    })
    const refused = lines.find(({ actor }) => actor === 'clerk-9')
    expect(refused?.detail).toMatchObject({ status: 400, code: 'request/malformed' })
    expect(JSON.stringify(lines)).not.toContain('样本甲')
    expect(await running.service.department.store.check()).toEqual([])
  })
})

describe('a department that asks two people for its titles', () => {
  let district: TestDistrict
  let running: TestService
  beforeAll(async () => {
    district = await startTestDistrict(['registration-centre'])
    running = await startTestService(district.home, 'registration-centre', {
      isDevelopment: true,
      configure: { fourEyes: ['real-estate-title'] },
    })
  })
  afterAll(async () => {
    await running?.close()
    await district?.close()
  })

  test('G9: nothing is issued before another person approves, and then once', async () => {
    const body = { type: 'real-estate-title', claims: sampleTitle(1), formats: ['vc+jwt'] }
    const asked = await running.ask('POST', '/certificates', { body, token: 'clerk-1' })
    expect(asked.status).toBe(202)
    const { approval } = (await asked.json()) as { approval: string }
    const { issuer, address } = running.service.department
    expect(await issuer.certificates.scan(address, 0, 10)).toEqual([])
    const decide = (token: string) =>
      running.ask('POST', `/approvals/${approval}`, { body: { decision: 'approve' }, token })
    expect((await decide('clerk-1')).status).toBe(422)
    expect(await issuer.certificates.scan(address, 0, 10)).toEqual([])
    expect((await decide('head-2')).status).toBe(201)
    expect((await decide('head-3')).status).toBe(404)
    expect(await issuer.certificates.scan(address, 0, 10)).toHaveLength(1)
  })
})
