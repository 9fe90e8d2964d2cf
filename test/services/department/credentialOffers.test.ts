import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleRecord } from '../../../scripts/samples/records.ts'
import { type Role, roles } from '../../../src/configuration/model.ts'
import { sampleTitle } from '../../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'
import { keyProof, secondsOf, walletKey } from '../../support/wallet.ts'

const sdJwt = 'real-estate-title.1.dc-sd-jwt'
const tokenOf = (name: string) => `sample-token-of-${name}`.padEnd(43, 'x')
const record = (name: string, own: readonly Role[]) => ({
  name,
  roles: own,
  sha256: createHash('sha256').update(tokenOf(name)).digest('hex'),
})
let district: TestDistrict
let running: TestService

beforeAll(async () => {
  district = await startTestDistrict()
  const tokens = [
    ...roles.map((role) => record(role, [role])),
    record('head', ['clerk', 'approver']),
    record('deputy', ['clerk', 'approver']),
  ]
  const configure = { tokens, fourEyes: ['real-estate-title'] }
  running = await startTestService(district.home, 'registration-centre', { configure })
}, 120_000)
afterAll(async () => {
  await running?.close()
  await district?.close()
})

const wish = (number: number) => ({
  credential_configuration_ids: [sdJwt],
  claims: sampleTitle(number),
})
const ask = (name: string | undefined, method: string, path = '', body?: unknown, headers = {}) =>
  running.ask(method, `/issuer/credential-offers${path}`, {
    ...(body !== undefined && { body }),
    ...(name !== undefined && { token: tokenOf(name) }),
    headers,
  })
type Made = { id: string; credential_offer_uri: string; tx_code: string }
const make = async (name: string, number: number) => {
  const answer = await ask(name, 'POST', '', wish(number))
  expect(answer.status).toBe(201)
  return (await answer.json()) as Made
}

test('each role may do its own part of an offer and no other, and nobody without a token', async () => {
  const { id } = await make('clerk', 1)
  const allowed = {
    make: ['clerk'],
    look: ['clerk', 'reviewer', 'approver', 'auditor'],
    approve: ['approver'],
    withdraw: ['clerk'],
  }
  for (const role of roles) {
    const statuses = {
      make: (await ask(role, 'POST', '', {})).status,
      look: (await ask(role, 'GET', `/${id}`)).status,
      approve: (await ask(role, 'POST', '/none/approval')).status,
      withdraw: (await ask(role, 'POST', '/none/withdrawal')).status,
    }
    for (const [act, status] of Object.entries(statuses)) {
      const may = allowed[act as keyof typeof allowed].includes(role)
      expect(status === 403, `${role} ${act} ${status}`).toBe(!may)
    }
  }
  expect((await ask(undefined, 'POST', '', wish(1))).status).toBe(401)
  expect((await ask(undefined, 'GET', `/${id}`)).status).toBe(401)
})

/** What a wallet does with an offer; the issuer's answer, and the access token. */
async function takeUp(made: Made, configuration: string) {
  const offer = JSON.parse(new URL(made.credential_offer_uri).searchParams.get('credential_offer')!)
  const [grant, { 'pre-authorized_code': code }] = Object.entries(offer.grants)[0] as [
    string,
    { 'pre-authorized_code': string },
  ]
  const form = new URLSearchParams({
    grant_type: grant,
    'pre-authorized_code': code,
    tx_code: made.tx_code,
  })
  const got = await running.ask('POST', '/token', {
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  const { access_token: token } = (await got.json()) as { access_token: string }
  const { c_nonce: nonce } = (await (await running.ask('POST', '/nonce')).json()) as {
    c_nonce: string
  }
  const jwt = keyProof(walletKey(), { aud: running.url, nonce, iat: secondsOf(new Date()) })
  const asked = await running.ask('POST', '/credential', {
    body: { credential_configuration_id: configuration, proofs: { jwt: [jwt] } },
    token,
  })
  return { asked, token }
}

test('G9: over HTTP a second person approves, and until then the wallet waits', async () => {
  const made = await make('head', 2)
  const { asked, token } = await takeUp(made, sdJwt)
  expect(asked.status).toBe(202)
  const later = (await asked.json()) as { transaction_id: string }
  const collect = () =>
    running.ask('POST', '/deferred-credential', {
      body: { transaction_id: later.transaction_id },
      token,
    })
  expect((await collect()).status).toBe(202)
  const own = await ask('head', 'POST', `/${made.id}/approval`)
  expect(own.status).toBe(403)
  expect(await own.json()).toMatchObject({ code: 'offer/needs-other-person' })
  expect(await (await ask('clerk', 'GET', `/${made.id}`)).json()).toMatchObject({
    state: 'waiting',
    approved: false,
  })
  const approved = await ask('deputy', 'POST', `/${made.id}/approval`)
  expect(await approved.json()).toMatchObject({ state: 'accepted', approved: true })
  const ready = await collect()
  expect(ready.status).toBe(200)
  expect(((await ready.json()) as { credentials: unknown[] }).credentials).toHaveLength(1)
  const again = await collect()
  expect(again.status).toBe(400)
  expect(await again.json()).toMatchObject({ error: 'invalid_transaction_id' })
  expect((await ask('deputy', 'POST', `/${made.id}/approval`)).status).toBe(409)
})

test('G9: an offer that needs approval waits for another person, whatever its type', async () => {
  const configuration = 'deed-tax-certificate.1.dc-sd-jwt'
  const offer = async (approval: object) => {
    const answer = await ask('head', 'POST', '', {
      credential_configuration_ids: [configuration],
      claims: sampleRecord('deed-tax-certificate', 1, 1),
      tx_code: true,
      ...approval,
    })
    expect(answer.status).toBe(201)
    return (await answer.json()) as Made
  }
  const free = await offer({})
  expect((await takeUp(free, configuration)).asked.status).toBe(200)
  const made = await offer({ needs_approval: true })
  const { asked, token } = await takeUp(made, configuration)
  expect(asked.status).toBe(202)
  const body = {
    transaction_id: ((await asked.json()) as { transaction_id: string }).transaction_id,
  }
  const collect = () => running.ask('POST', '/deferred-credential', { body, token })
  const own = await ask('head', 'POST', `/${made.id}/approval`)
  expect(await own.json()).toMatchObject({ status: 403, code: 'offer/needs-other-person' })
  expect((await collect()).status).toBe(202)
  expect(await (await ask('deputy', 'GET', `/${made.id}/claims`)).json()).toMatchObject({
    claims: sampleRecord('deed-tax-certificate', 1, 1),
  })
  expect((await ask('clerk', 'GET', `/${made.id}/claims`)).status).toBe(403)
  expect((await ask('deputy', 'GET', `/${free.id}/claims`)).status).toBe(409)
  expect((await ask('deputy', 'POST', `/${made.id}/approval`)).status).toBe(200)
  const decided = await ask('deputy', 'GET', `/${made.id}/claims`)
  expect(await decided.json()).toMatchObject({ status: 409, code: 'offer/not-waiting' })
  expect((await collect()).status).toBe(200)
})

test('an offer asked for again with the same key is the same offer, with another body it is refused', async () => {
  const headers = { 'idempotency-key': 'counter-3' }
  const one = await ask('clerk', 'POST', '', wish(3), headers)
  const two = await ask('clerk', 'POST', '', wish(3), headers)
  expect([one.status, two.status]).toEqual([201, 201])
  expect(await two.json()).toEqual(await one.json())
  expect((await ask('clerk', 'POST', '', wish(4), headers)).status).toBe(422)
})

test('a withdrawn offer is told so, and its code is worth nothing', async () => {
  const made = await make('clerk', 5)
  expect(await (await ask('clerk', 'POST', `/${made.id}/withdrawal`)).json()).toMatchObject({
    state: 'withdrawn',
  })
  expect(await (await ask('auditor', 'GET', `/${made.id}`)).json()).toMatchObject({
    state: 'withdrawn',
    credentials: [{ credential_configuration_id: sdJwt, fingerprints: [] }],
  })
})

test('a wish of the wrong shape is refused, and says where', async () => {
  const good = wish(6)
  for (const [body, status] of [
    [{ ...good, credential_configuration_ids: [] }, 400],
    [{ ...good, expires_in: 301 }, 400],
    [{ ...good, tx_code: { length: 3 } }, 400],
    [{ ...good, grants: ['password'] }, 400],
    [{ ...good, other: 1 }, 400],
    [{ ...good, claims: [] }, 400],
    [{ ...good, tx_code: false }, 422],
    [{ ...good, credential_configuration_ids: ['other'] }, 422],
  ] as const) {
    const answer = await ask('clerk', 'POST', '', body)
    expect(answer.status, JSON.stringify(body).slice(-60)).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  }
})
