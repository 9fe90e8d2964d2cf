import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Json, JsonObject, PublicJwk } from '../../../src/credential/model.ts'
import { receive } from '../../../src/holder/receive.ts'
import { drain } from '../../../src/issuer/drain.ts'
import { issueOne } from '../../../src/issuer/issue.ts'
import { proofFor } from '../../../src/issuer/proof.ts'
import { changeStatus } from '../../../src/issuer/status.ts'
import { sampleTitle, titleType } from '../../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'
import { walletKey } from '../../support/wallet.ts'
import { openid4vpClient, sdJwtPresentation } from './vpClient.ts'

let district: TestDistrict
/** The department that issues titles, and whose wallet holds one. */
let registration: TestService
/** The department that asks. */
let commission: TestService
let serial = 0
/** The test chain mines faster than a clock runs, so its time is ahead; services go by it. */
let aheadMs = 0
const clock = () => new Date(Date.now() + aheadMs)
const iat = () => Math.floor(clock().getTime() / 1000)

beforeAll(async () => {
  district = await startTestDistrict(['registration-centre', 'health-commission'])
  registration = await startTestService(district.home, 'registration-centre', { clock })
  commission = await startTestService(district.home, 'health-commission', { clock })
  const { block } = await commission.service.chain.cold.view()
  aheadMs = Math.max(0, block.time.getTime() - Date.now()) + 2000
}, 180_000)
afterAll(async () => {
  await commission?.close()
  await registration?.close()
  await district?.close()
}, 60_000)

const query = (names: readonly string[] = ['location']): Json => ({
  credentials: [
    {
      id: 'title',
      format: 'dc+sd-jwt',
      meta: { vct_values: [titleType] },
      ...(names.length > 0 && { claims: names.map((name) => ({ path: [name] })) }),
    },
  ],
})

/** Each process reads the chain for itself, and the one that asks may be a moment behind. */
async function everybodySees(): Promise<void> {
  const { address, issuer } = registration.service.department
  const { sequence } = await (await issuer.chain.view()).lastAnchor(address)
  for (const { service } of [registration, commission]) {
    await vi.waitUntil(async () => {
      const view = await service.verifier.chain.view()
      return (await view.lastAnchor(address)).sequence >= sequence
    })
  }
}

async function issued(holderKey: PublicJwk) {
  const { issuer } = registration.service.department
  const claims = sampleTitle(++serial)
  const [made] = await issueOne(issuer, {
    idempotencyKey: `sample-${serial}`,
    type: 'real-estate-title',
    claims,
    formats: ['dc+sd-jwt'],
    holderKeys: [holderKey],
  })
  await drain(issuer)
  const { proof } = await proofFor(issuer, made!.fingerprint)
  await everybodySees()
  return { token: made!.token, fingerprint: made!.fingerprint, proof, claims }
}

/** A title in the wallet of the registration centre. */
async function held() {
  const { holder } = registration.service
  const title = await issued(await holder.newKey())
  await receive(holder.holder, title.token, title.proof)
  return title
}

// biome-ignore lint/suspicious/noExplicitAny: what a program reads has the shape that the test expects
async function json(answer: Response | Promise<Response>): Promise<any> {
  return (await answer).json()
}

async function asked(more: object = {}) {
  const body = { dcql_query: query(), purpose: 'sample purpose', ...more }
  const answer = await commission.ask('POST', '/verifier/requests', { body })
  expect(answer.status).toBe(201)
  return json(answer)
}

const stateOf = (id: string, query = '') =>
  json(commission.ask('GET', `/verifier/requests/${id}${query}`))
const present = (body: object) => registration.ask('POST', '/holder/presentations', { body })

describe('two departments over HTTP', () => {
  test.each([
    { client_id_prefix: 'x509_hash', response_mode: 'direct_post.jwt' },
    { client_id_prefix: 'decentralized_identifier', response_mode: 'direct_post' },
    { client_id_prefix: 'redirect_uri', response_mode: 'direct_post.jwt' },
    { client_id_prefix: 'redirect_uri', response_mode: 'direct_post' },
    { request_uri_method: 'post' },
  ])('the wallet answers %j, and the verifier sees verdict and claims', async (more) => {
    const title = await held()
    const { id, uri } = await asked(more)
    expect(uri.startsWith('openid4vp://?')).toBe(true)
    expect(await stateOf(id)).toMatchObject({ state: 'waiting', purpose: 'sample purpose' })
    const answer = await present({ request_uri: uri, disclose: [['location']] })
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { presented: [{ query: 'title', credential: title.fingerprint }], purpose: 'sample purpose' },
    ])
    const found = await stateOf(id)
    expect(found).toMatchObject({ state: 'verified', outcome: 'valid' })
    expect(
      found.verdict.credentials[0].checks.map(({ outcome }: { outcome: string }) => outcome),
    ).toEqual(Array(11).fill('pass'))
    expect(found.claims.title[0].claims).toMatchObject({ location: title.claims.location })
    expect(found.claims.title[0].claims).not.toHaveProperty('right_holder')
  })

  test('the events of a request tell its states as they come, and end', async () => {
    await held()
    const { id, uri } = await asked()
    const events = await commission.ask('GET', `/verifier/requests/${id}/events`)
    expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect((await present({ request_uri: uri, disclose: ['location'] })).status).toBe(200)
    const states = [...(await events.text()).matchAll(/event: state\ndata: (.*)\nid: (\d+)/g)].map(
      ([, data, number]) => `${number} ${JSON.parse(data!).state}`,
    )
    expect(states).toEqual(['1 waiting', '2 scanned', '3 answered', '4 verified'])
    const rest = await commission.ask('GET', `/verifier/requests/${id}/events`, {
      headers: { 'last-event-id': '3' },
    })
    expect((await rest.text()).match(/event: state/g)).toHaveLength(1)
  })

  test('H5: with a redirect the result waits for the response code of the answering browser', async () => {
    await held()
    const redirect_uri = 'http://localhost:9/back'
    const { id, uri } = await asked({ redirect_uri })
    const { redirect_uri: back } = await json(present({ request_uri: uri, disclose: ['location'] }))
    const code = new URL(back).hash.replace('#response_code=', '')
    const without = await stateOf(id)
    expect(without).toMatchObject({ state: 'verified', response_code_required: true })
    expect(without).not.toHaveProperty('claims')
    expect(without).not.toHaveProperty('verdict')
    const wrong = await commission.ask('GET', `/verifier/requests/${id}?response_code=wrong`)
    expect([wrong.status, await json(wrong)]).toMatchObject([
      403,
      { code: 'presentation/wrong-code' },
    ])
    expect(await stateOf(id, `?response_code=${code}`)).toMatchObject({
      verdict: { outcome: 'valid' },
    })
  })

  test('nothing is shown that was not agreed to, and a declined request says so', async () => {
    await held()
    const { id, uri } = await asked()
    const nothing = await present({ request_uri: uri })
    expect([nothing.status, await json(nothing)]).toMatchObject([
      422,
      { code: 'presentation/not-answered' },
    ])
    expect((await stateOf(id)).state).toBe('scanned')
    expect((await present({ request_uri: uri, decline: true })).status).toBe(200)
    expect(await stateOf(id)).toMatchObject({ state: 'refused', reason: 'presentation/declined' })
  })

  test('a revoked title is refused with its reason', async () => {
    const { fingerprint } = await held()
    const { issuer } = registration.service.department
    const grounds = {
      reason: 'sample',
      legalBasis: 'sample regulation, article 1',
      operator: 'clerk-1',
      approver: 'clerk-2',
    }
    await changeStatus(issuer, { of: { fingerprint }, to: 'revoked', grounds })
    await drain(issuer)
    await everybodySees()
    const { id, uri } = await asked()
    const disclose = { title: { credential: fingerprint, claims: ['location'] } }
    const answer = await present({ request_uri: uri, disclose })
    expect([answer.status, await json(answer)]).toMatchObject([
      422,
      { code: 'wallet/answer-refused' },
    ])
    const found = await stateOf(id)
    expect(found).toMatchObject({ state: 'refused', outcome: 'invalid', claims: {} })
    const codes = found.verdict.credentials[0].checks.map(({ code }: { code: string }) => code)
    expect(codes).toContain('status/revoked')
    const { credentials } = await json(registration.ask('GET', '/holder/credentials?check=true'))
    expect(credentials.find(({ id: one }: { id: string }) => one === fingerprint)).toMatchObject({
      outcome: 'invalid',
      findings: ['status/revoked'],
    })
    await registration.service.holder.holder.store.remove(fingerprint)
  })

  test('H1: of 100 parallel replays over HTTP exactly one is taken', async () => {
    const title = await issuedToStranger()
    const { id, request_uri } = await asked({ response_mode: 'direct_post' })
    const { request } = await resolved(request_uri, id)
    const token = await sdJwtPresentation(
      title.token,
      title.key,
      { location: true },
      {
        aud: request.client_id,
        nonce: request.nonce,
        iat: iat(),
      },
    )
    const body = new URLSearchParams({
      vp_token: JSON.stringify({ title: [token] }),
      state: request.state!,
    })
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        async () => (await fetch(request.response_uri!, { method: 'POST', body })).status,
      ),
    )
    expect(answers.filter((status) => status === 200)).toHaveLength(1)
    expect(answers.every((status) => [200, 409, 429, 503].includes(status))).toBe(true)
  })
})

/** A title of a wallet of another maker. */
async function issuedToStranger() {
  const key = walletKey()
  return { key, ...(await issued(key.publicJwk)) }
}

async function resolved(requestUri: string, id: string) {
  const object = await fetch(requestUri)
  expect(object.headers.get('content-type')).toBe('application/oauth-authz-req+jwt')
  expect((await stateOf(id)).state).toBe('scanned')
  const payload = JSON.parse(
    Buffer.from((await object.text()).split('.')[1]!, 'base64url').toString(),
  )
  return {
    request: payload as JsonObject & {
      client_id: string
      nonce: string
      state?: string
      response_uri?: string
    },
  }
}

describe('@openid4vc/openid4vp 0.4.6 with @sd-jwt/core 0.19.0 as the wallet', () => {
  test.each([
    { client_id_prefix: 'x509_hash', response_mode: 'direct_post' },
    { client_id_prefix: 'x509_hash', response_mode: 'direct_post.jwt' },
    { client_id_prefix: 'decentralized_identifier', response_mode: 'direct_post.jwt' },
    { client_id_prefix: 'redirect_uri', response_mode: 'direct_post' },
    { client_id_prefix: 'redirect_uri', response_mode: 'direct_post.jwt' },
    { client_id_prefix: 'x509_hash', request_uri_method: 'post', response_mode: 'direct_post' },
  ])('understands our request and is understood: %j', async (more) => {
    const title = await issuedToStranger()
    const { id, uri } = await asked(more)
    const { verifier } = commission.service
    const client = openid4vpClient(async (url) => verifier.keysOf(url.split('#')[0]!))
    const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: uri })
    const {
      authorizationRequestPayload,
      client: who,
      dcql,
    } = await client.resolveOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: params as never,
    })
    expect(who.prefix).toBe(more.client_id_prefix)
    expect(dcql?.query).toEqual(query())
    const { nonce, client_id: aud } = authorizationRequestPayload as {
      nonce: string
      client_id: string
    }
    const token = await sdJwtPresentation(
      title.token,
      title.key,
      { location: true },
      { aud, nonce, iat: iat() },
    )
    const isEncrypted = more.response_mode === 'direct_post.jwt'
    const response = await client.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload,
      authorizationResponsePayload: { vp_token: { title: [token] } },
      ...(isEncrypted && {
        jarm: {
          encryption: { nonce: 'mdoc-nonce' },
          serverMetadata: {
            authorization_signing_alg_values_supported: [],
            authorization_encryption_alg_values_supported: ['ECDH-ES'],
            authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'],
          },
        },
      }),
    } as never)
    const { response: answer } = await client.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: authorizationRequestPayload as never,
      authorizationResponsePayload: response.authorizationResponsePayload,
      ...(response.jarm && { jarm: response.jarm }),
    } as never)
    expect(answer.status).toBe(200)
    const found = await stateOf(id)
    // A stranger hands over no proof of the anchor, and this verifier has no registry node to ask.
    expect(
      found.verdict.credentials[0].checks.filter(
        ({ outcome }: { outcome: string }) => outcome !== 'pass',
      ),
    ).toEqual([
      { name: 'anchor', outcome: 'unknown', code: 'anchor/pending' },
      { name: 'signingTime', outcome: 'unknown', code: 'verdict/not-reached' },
    ])
    expect(found).toMatchObject({ state: 'refused', outcome: 'unknown', claims: {} })
  })

  test('its answer is verified where the anchor’s proof can be found, and refused for another’s key', async () => {
    const title = await issuedToStranger()
    for (const [key, status, state] of [
      [title.key, 200, 'verified'],
      [walletKey(), 400, 'refused'],
    ] as const) {
      const answer = await registration.ask('POST', '/verifier/requests', {
        body: { dcql_query: query(), purpose: 'sample', response_mode: 'direct_post' },
      })
      const { id, request_uri } = await json(answer)
      const object = await (await fetch(request_uri)).text()
      const request = JSON.parse(Buffer.from(object.split('.')[1]!, 'base64url').toString())
      const payload = { aud: request.client_id, nonce: request.nonce, iat: iat() }
      const token = await sdJwtPresentation(title.token, key, { location: true }, payload)
      const body = new URLSearchParams({
        vp_token: JSON.stringify({ title: [token] }),
        state: request.state,
      })
      expect((await fetch(request.response_uri, { method: 'POST', body })).status).toBe(status)
      expect(await json(registration.ask('GET', `/verifier/requests/${id}`))).toMatchObject({
        state,
      })
    }
  })
})

describe('a holder without a screen takes up offers', () => {
  const offerTitle = async (more: object = {}) => {
    const claims = { ...sampleTitle(++serial) }
    const body = {
      credential_configuration_ids: ['real-estate-title.1.dc-sd-jwt'],
      claims,
      ...more,
    }
    return {
      claims,
      ...(await json(registration.ask('POST', '/issuer/credential-offers', { body }))),
    }
  }
  const accept = (body: object) => commission.ask('POST', '/holder/credential-offers', { body })

  test('an offered title is checked, kept, anchored later, and then presented as valid', async () => {
    const { credential_offer_uri, tx_code, claims } = await offerTitle()
    const answer = await accept({ credential_offer_uri, tx_code })
    const taken = await json(answer)
    expect([answer.status, taken]).toMatchObject([
      201,
      {
        issuer: registration.url,
        credentials: [{ type: titleType, has_proof: false, claims: { location: claims.location } }],
      },
    ])
    const { credentials } = await json(commission.ask('GET', '/holder/credentials'))
    expect(credentials.map(({ id }: { id: string }) => id)).toContain(taken.credentials[0].id)
    expect(credentials[0].issuer).toBe(registration.service.department.did)
  })

  test('a wrong code, a used offer, and what is no offer is refused, and nothing is stored', async () => {
    const before = (await json(commission.ask('GET', '/holder/credentials'))).credentials.length
    const { credential_offer_uri, tx_code } = await offerTitle()
    const wrong = await accept({
      credential_offer_uri,
      tx_code: tx_code === '000000' ? '000001' : '000000',
    })
    expect([wrong.status, await json(wrong)]).toMatchObject([422, { code: 'wallet/offer-refused' }])
    const none = await accept({ credential_offer_uri })
    expect([none.status, await json(none)]).toMatchObject([400, { code: 'wallet/bad-offer' }])
    for (const uri of [
      'x',
      'openid-credential-offer://',
      'openid-credential-offer://?credential_offer=%7B%7D',
    ]) {
      const refused = await accept({ credential_offer_uri: uri })
      expect([refused.status, await json(refused)]).toMatchObject([400, {}])
    }
    const after = (await json(commission.ask('GET', '/holder/credentials'))).credentials.length
    expect(after).toBe(before)
    expect((await accept({ credential_offer_uri, tx_code })).status).toBe(201)
    expect((await accept({ credential_offer_uri, tx_code })).status).toBe(422)
  })
})

describe('bad input is refused as documented', () => {
  test.each([
    [{}, 400],
    [{ dcql_query: {}, purpose: 'x' }, 400],
    [{ dcql_query: query(), purpose: '' }, 400],
    [{ dcql_query: query(), purpose: 'x', response_mode: 'fragment' }, 400],
    [{ dcql_query: query(), purpose: 'x', client_id_prefix: 'pre-registered' }, 400],
    [{ dcql_query: query(), purpose: 'x', expires_in: 1 }, 400],
    [{ dcql_query: query(), purpose: 'x', redirect_uri: 'javascript:alert(1)' }, 400],
  ])('%j', async (body, status) => {
    expect((await commission.ask('POST', '/verifier/requests', { body })).status).toBe(status)
  })

  test('x509_san_dns is refused where the certificate does not name this host', async () => {
    const body = { dcql_query: query(), purpose: 'x', client_id_prefix: 'x509_san_dns' }
    const answer = await commission.ask('POST', '/verifier/requests', { body })
    expect(await json(answer)).toMatchObject({ code: 'presentation/no-request-key' })
  })

  test('an answer with a parameter twice, or of another media type, is refused and leaves the request open', async () => {
    const { id, request_uri } = await asked({ response_mode: 'direct_post' })
    const { request } = await resolved(request_uri, id)
    const body = new URLSearchParams({ vp_token: '{"title":["x"]}', state: request.state! })
    body.append('vp_token', '{"title":["y"]}')
    const twice = await fetch(request.response_uri!, { method: 'POST', body })
    expect([twice.status, await twice.json()]).toMatchObject([400, { error: 'invalid_request' }])
    const asJson = await fetch(request.response_uri!, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ vp_token: { title: ['x'] }, state: request.state }),
    })
    expect(asJson.status).toBe(415)
    expect((await stateOf(id)).state).toBe('scanned')
  })

  test('asking, reading and showing needs a role; only what wallets reach is public', async () => {
    const { paths } = await json(commission.ask('GET', '/openapi.json'))
    const secured = (path: string, method: string) => paths[path][method].security?.[0].token
    for (const [path, method] of [
      ['/verifier/requests', 'post'],
      ['/verifier/requests/{id}', 'get'],
      ['/verifier/requests/{id}/events', 'get'],
    ] as const) {
      expect(secured(path, method), path).toEqual(['clerk', 'reviewer', 'approver'])
    }
    for (const [path, method] of [
      ['/holder/presentations', 'post'],
      ['/holder/credential-offers', 'post'],
      ['/holder/credentials', 'get'],
    ] as const) {
      expect(secured(path, method), path).toEqual(['clerk', 'operator'])
    }
    expect(secured('/openid4vp/requests/{handle}', 'get')).toBeUndefined()
    expect(secured('/openid4vp/responses/{handle}', 'post')).toBeUndefined()
  })

  test('unknown requests, handles and ids are 404, never a guess', async () => {
    const handle = 'A'.repeat(43)
    const id = '0'.repeat(64)
    expect((await commission.ask('GET', `/verifier/requests/${id}`)).status).toBe(404)
    expect((await commission.ask('GET', `/verifier/requests/${id}/events`)).status).toBe(404)
    expect((await commission.ask('GET', `/openid4vp/requests/${handle}`)).status).toBe(404)
    const body = new URLSearchParams({ vp_token: '{}' })
    const answer = await fetch(new URL(`/openid4vp/responses/${handle}`, commission.url), {
      method: 'POST',
      body,
    })
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { error: 'invalid_request', error_description: 'presentation/unknown-request' },
    ])
  })
})
