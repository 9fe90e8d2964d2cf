import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeBase64url, generateKeyPair, importPrivateKey, sha256, sign } from '#primitives'
import type { JsonObject } from '../../../src/credential/model.ts'
import { thumbprintHex } from '../../../src/credential/thumbprint.ts'
import type { PresentationWish } from '../../../src/openid4vc/presentation/ask.ts'
import { answerRequest } from '../../../src/openid4vc/wallet/answerRequest.ts'
import type { WalletClient } from '../../../src/openid4vc/wallet/model.ts'
import { resolveRequest } from '../../../src/openid4vc/wallet/resolveRequest.ts'
import type { PrivateJwk } from '../../../src/primitives/model.ts'
import { newSigner } from '../../support/issuer.ts'
import { type PresentationWorld, presentationWorld } from '../presentation/world.ts'

let world: PresentationWorld

beforeAll(async () => {
  world = await presentationWorld()
  await world.hold()
})
afterAll(async () => world.pool.close())

/** `accepted`, or what the wallet refuses a request with. */
async function outcome(client: WalletClient, uri: string): Promise<string> {
  return resolveRequest(client, uri).then(
    () => 'accepted',
    (error) => error.code ?? String(error),
  )
}

/** A wallet that is given this request object, whatever it fetches. */
function givenObject(jwt: string, rest: Partial<WalletClient> = {}): WalletClient {
  const fetch: WalletClient['fetch'] = async () => ({
    status: 200,
    headers: {},
    body: new TextEncoder().encode(jwt),
  })
  return { ...world.wallet, fetch, ...rest }
}

type Parts = { header: JsonObject; payload: JsonObject; jwt: string }

async function objectOf(rest: Partial<PresentationWish> = {}): Promise<Parts & { uri: string }> {
  const { uri, requestUri } = await world.ask(rest)
  const { body } = await world.answer({ url: requestUri! })
  const jwt = Buffer.from(body).toString()
  const [header, payload] = jwt
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  return { header, payload, jwt, uri }
}

function signed(header: JsonObject, payload: JsonObject, key: PrivateJwk): string {
  const input = [header, payload].map((part) => encodeBase64url(JSON.stringify(part))).join('.')
  return `${input}.${encodeBase64url(sign(importPrivateKey(key), input))}`
}

const uriFor = (clientId: unknown) =>
  `openid4vp://?${new URLSearchParams({ client_id: String(clientId), request_uri: 'https://verifier.example/r' })}`

describe('the wallet makes sure who asks', () => {
  test('a department’s signed request is accepted and says which department asks', async () => {
    for (const prefix of ['x509_hash', 'x509_san_dns', 'decentralized_identifier'] as const) {
      const { uri } = await world.ask({ prefix })
      expect(await resolveRequest(world.wallet, uri)).toMatchObject({
        verifier: { did: world.issuing.issuer.department.did, isDepartment: true, isSigned: true },
      })
    }
  })

  test('a request object changed in any part is refused', async () => {
    const { header, payload, jwt } = await objectOf()
    const [h, , s] = jwt.split('.') as [string, string, string]
    const changed = encodeBase64url(JSON.stringify({ ...payload, purpose: 'another purpose' }))
    const uri = uriFor(payload.client_id)
    expect(await outcome(givenObject(jwt), uri)).toBe('accepted')
    expect(await outcome(givenObject(`${h}.${changed}.${s}`), uri)).toBe('wallet/forged-request')
    const other = generateKeyPair()
    expect(await outcome(givenObject(signed(header, payload, other.privateJwk)), uri)).toBe(
      'wallet/forged-request',
    )
  })

  test('alg none, another typ and unsigned objects are refused', async () => {
    const { header, payload } = await objectOf()
    const { privateJwk } = generateKeyPair()
    const uri = uriFor(payload.client_id)
    const encoded = (part: JsonObject) => encodeBase64url(JSON.stringify(part))
    for (const alg of ['none', 'HS256', 'constructor', 'toString']) {
      const bare = `${encoded({ ...header, alg })}.${encoded(payload)}.`
      expect(await outcome(givenObject(bare), uri)).toMatch(/^credential\//)
      const withSignature = signed({ ...header, alg }, payload, privateJwk)
      expect(await outcome(givenObject(withSignature), uri)).toBe('credential/alg-not-allowed')
    }
    for (const typ of ['JWT', 'vp+jwt', undefined]) {
      const { typ: _, ...rest } = header
      const made = signed(typ === undefined ? rest : { ...rest, typ }, payload, privateJwk)
      expect(await outcome(givenObject(made), uri)).toBe('credential/wrong-typ')
    }
  })

  test('a request in the URI is refused for every prefix that asks for a signature', async () => {
    const { uri } = await world.ask({ prefix: 'redirect_uri' })
    expect(await outcome(world.wallet, uri)).toBe('accepted')
    for (const clientId of ['x509_hash:abc', 'x509_san_dns:verifier.example', 'verifier.example']) {
      const url = new URL(uri)
      url.searchParams.set('client_id', clientId)
      expect(await outcome(world.wallet, url.href)).toBe('wallet/unsigned-request')
    }
  })

  test('an unsigned request sends answers to its client id and nowhere else', async () => {
    const { uri } = await world.ask({ prefix: 'redirect_uri' })
    const url = new URL(uri)
    url.searchParams.set('response_uri', 'https://elsewhere.example/')
    expect(await outcome(world.wallet, url.href)).toBe('wallet/wrong-client')
    const plain = new URL(uri)
    plain.searchParams.set('client_id', 'redirect_uri:http://verifier.example/')
    plain.searchParams.set('response_uri', 'http://verifier.example/')
    expect(await outcome(world.wallet, plain.href)).toBe('wallet/bad-request-uri')
  })

  test('a signed request under redirect_uri is refused', async () => {
    const { header, payload } = await objectOf()
    const { privateJwk } = generateKeyPair()
    const clientId = `redirect_uri:${payload.response_uri}`
    const made = signed(header, { ...payload, client_id: clientId }, privateJwk)
    expect(await outcome(givenObject(made), uriFor(clientId))).toBe('wallet/wrong-client')
  })

  test('the client id in the URI and in the object must be the same', async () => {
    const { jwt } = await objectOf()
    expect(await outcome(givenObject(jwt), uriFor('x509_hash:another'))).toBe('wallet/wrong-client')
  })

  test('a certificate of another hash, or for another host, is refused', async () => {
    const { signer, privateJwk } = await world.requestSigner({ dnsName: 'other.example' })
    const { payload } = await objectOf()
    const x5c = signer.key.x5c.map((der) => Buffer.from(der).toString('base64'))
    const header = { alg: 'ES256', typ: 'oauth-authz-req+jwt', x5c }
    const hash = encodeBase64url(sha256(signer.key.x5c[0]!))
    for (const [clientId, expected] of [
      [payload.client_id, 'wallet/wrong-client'],
      ['x509_san_dns:verifier.example', 'wallet/wrong-client'],
      // Its own host, but the answer would go to another.
      ['x509_san_dns:other.example', 'wallet/wrong-client'],
      [`x509_hash:${hash}`, 'accepted'],
    ] as const) {
      const made = signed(header, { ...payload, client_id: clientId! }, privateJwk)
      expect(await outcome(givenObject(made), uriFor(clientId)), String(clientId)).toBe(expected)
    }
  })

  test('a key that no registry and no authority knows is refused; one that an authority certified is not', async () => {
    const { signer, privateJwk } = await world.requestSigner({ registered: false })
    const { payload } = await objectOf()
    const x5c = signer.key.x5c.map((der) => Buffer.from(der).toString('base64'))
    const clientId = `x509_hash:${encodeBase64url(sha256(signer.key.x5c[0]!))}`
    const header = { alg: 'ES256', typ: 'oauth-authz-req+jwt', x5c }
    const made = signed(header, { ...payload, client_id: clientId }, privateJwk)
    expect(await outcome(givenObject(made), uriFor(clientId))).toBe('wallet/unknown-verifier')
    const trust = { roots: [world.authority.root], crls: await world.crls() }
    expect(await resolveRequest(givenObject(made, { trust }), uriFor(clientId))).toMatchObject({
      verifier: { isDepartment: false, isSigned: true, did: undefined },
    })
    expect(
      await outcome(givenObject(made, { trust: { ...trust, crls: [] } }), uriFor(clientId)),
    ).toBe('certificate/crl-missing')
    expect(
      await outcome(givenObject(made, { trust: { ...trust, roots: [] } }), uriFor(clientId)),
    ).toBe('certificate/not-trusted')
  })

  test('a retired or compromised request key, and an assertion key, are refused', async () => {
    for (const end of [
      { retired: true },
      { compromised: true },
      { purpose: 'assertion' as const },
    ]) {
      const { signer, publicJwk, privateJwk } = await world.requestSigner()
      const { payload } = await objectOf()
      const x5c = signer.key.x5c.map((der) => Buffer.from(der).toString('base64'))
      const clientId = `x509_hash:${encodeBase64url(sha256(signer.key.x5c[0]!))}`
      const header = { alg: 'ES256', typ: 'oauth-authz-req+jwt', x5c }
      const made = signed(header, { ...payload, client_id: clientId }, privateJwk)
      expect(await outcome(givenObject(made), uriFor(clientId))).toBe('accepted')
      world.model.govern((state, time) => {
        const name = thumbprintHex(publicJwk)
        const record = state.keys.get(name)!
        state.keys.set(name, {
          ...record,
          ...('retired' in end && { retiredAt: time }),
          ...('compromised' in end && { compromisedSince: time }),
          ...('purpose' in end && { purpose: end.purpose }),
        })
      })
      for (let block = 0; block < 4; block++) world.model.mine()
      // An authority would still vouch; the registry knows better.
      const trust = { roots: [world.authority.root], crls: await world.crls() }
      expect(await outcome(givenObject(made, { trust }), uriFor(clientId))).toBe(
        'wallet/unknown-verifier',
      )
    }
  })

  test('under a DID only a request key of that DID counts', async () => {
    const { payload, header, jwt } = await objectOf({ prefix: 'decentralized_identifier' })
    const uri = uriFor(payload.client_id)
    expect(await outcome(givenObject(jwt), uri)).toBe('accepted')
    const { did } = world.issuing.issuer.department
    const stranger = newSigner(did, world.pool)
    const other = generateKeyPair()
    expect(await outcome(givenObject(signed(header, payload, other.privateJwk)), uri)).toBe(
      'wallet/forged-request',
    )
    const kid = `${did.replace(/.$/, '0')}#delegate-1`
    expect(
      await outcome(givenObject(signed({ ...header, kid }, payload, other.privateJwk)), uri),
    ).toBe('wallet/wrong-client')
    // The assertion key is the same department's and signs no requests.
    const keysOf = async () => [stranger.key.jwk]
    expect(await outcome(givenObject(jwt, { keysOf }), uri)).toBe('wallet/forged-request')
    const did9 = 'did:web:verifier.example'
    const foreign = { ...payload, client_id: `decentralized_identifier:${did9}` }
    const madeUp = signed({ ...header, kid: `${did9}#1` }, foreign, other.privateJwk)
    expect(await outcome(givenObject(madeUp), uriFor(foreign.client_id))).toBe(
      'wallet/unknown-verifier',
    )
  })

  test('an object for another wallet nonce, one that expired and one from the future are refused', async () => {
    const { jwt, payload, uri } = await objectOf()
    const post = `${uri}&request_uri_method=post`
    expect(await outcome(givenObject(jwt), post)).toBe('wallet/wrong-client')
    const at = (seconds: number): WalletClient['holder'] => ({
      ...world.holder,
      now: () => new Date(seconds * 1000),
    })
    const exp = payload.exp as number
    const iat = payload.iat as number
    expect(await outcome(givenObject(jwt, { holder: at(exp) }), uri)).toBe(
      'presentation/request-expired',
    )
    expect(await outcome(givenObject(jwt, { holder: at(iat - 61) }), uri)).toBe(
      'wallet/bad-request-uri',
    )
  })
})

describe('what the wallet does not understand it does not answer', () => {
  test.each([
    ['transaction_data', ['x']],
    ['response_type', 'code'],
    ['response_mode', 'fragment'],
    ['response_uri', 'ftp://verifier.example/'],
    ['response_uri', 'http://verifier.example/'],
  ])('an unsigned request with %s %j', async (name, value) => {
    const { uri } = await world.ask({ prefix: 'redirect_uri' })
    const url = new URL(uri)
    url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    expect(await outcome(world.wallet, url.href)).toBe('wallet/bad-request-uri')
  })

  test.each([
    '',
    'no uri',
    'openid4vp://',
    'openid4vp://?client_id=a&client_id=b',
    'openid4vp://?client_id=a&request=x',
    'openid4vp://?client_id=a&request_uri=https://x.example&request_uri_method=put',
    `openid4vp://?${'x'.repeat(70_000)}`,
  ])('H7: %.60s is no request', async (uri) => {
    expect(await outcome(world.wallet, uri)).toMatch(/^wallet\/(bad-request-uri|unsigned-request)$/)
  })

  test('H7: a query above its limits, a short nonce and a huge purpose are refused', async () => {
    const { uri } = await world.ask({ prefix: 'redirect_uri' })
    for (const [name, value] of [
      ['nonce', 'short'],
      ['purpose', 'x'.repeat(201)],
      [
        'dcql_query',
        JSON.stringify({ credentials: Array(17).fill({ id: 'a', format: 'dc+sd-jwt' }) }),
      ],
    ] as const) {
      const url = new URL(uri)
      url.searchParams.set(name, value)
      expect(await outcome(world.wallet, url.href)).toBe('presentation/bad-request')
    }
  })

  test('H7: the verifier cannot tell “nothing that fits” from “too little agreed to”: it hears nothing', async () => {
    const missing = {
      credentials: [
        { id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['urn:weir:certificate:none:1'] } },
      ],
    }
    for (const wish of [{ dcql: missing, disclose: undefined }, { disclose: undefined }]) {
      const { uri } = await world.ask('dcql' in wish ? { dcql: wish.dcql! } : {})
      const before = world.asked.length
      await expect(
        answerRequest(world.wallet, { requestUri: uri, disclose: wish.disclose }),
      ).rejects.toMatchObject({ code: 'presentation/not-answered' })
      const sent = world.asked.slice(before)
      expect(sent.map(({ url }) => url.includes('/responses/'))).toEqual([false])
    }
  })
})
