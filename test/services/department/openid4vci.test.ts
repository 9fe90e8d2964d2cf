import { createHash, verify as nodeVerify, X509Certificate } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { OpenID4VCIClientV1_0_15 } from '@sphereon/oid4vci-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { didJwk } from '../../../src/credential/didJwk.ts'
import type { JsonObject } from '../../../src/credential/model.ts'
import { parseCredential } from '../../../src/credential/parse.ts'
import { writePresentationFile } from '../../../src/presentation/presentationFile.ts'
import { verify } from '../../../src/verdict/verify.ts'
import { gather } from '../../../src/verifier/gather.ts'
import { policyOf } from '../../../src/wire/verifier.ts'
import { sampleTitle } from '../../support/issuer.ts'
import {
  startTestDistrict,
  startTestService,
  type TestDistrict,
  type TestService,
} from '../../support/service.ts'
import { keyProof, secondsOf, signedJwt, walletKey } from '../../support/wallet.ts'
import { jwkSigner, openid4vciClient } from './vciClient.ts'

const sdJwt = 'real-estate-title.1.dc-sd-jwt'
const vcJwt = 'real-estate-title.1.jwt-vc-json'
let district: TestDistrict
let running: TestService
let number = 0

beforeAll(async () => {
  district = await startTestDistrict()
  // What a verifier reads is final: keys and accreditations must be so too.
  await district.settle()
  running = await startTestService(district.home, 'registration-centre')
}, 120_000)
afterAll(async () => {
  await running?.close()
  await district?.close()
})

/** What the department's system gets when it offers a sample title. */
async function offerTitle(more: object = {}) {
  number += 1
  const claims = { ...sampleTitle(number), holder_document_number: 'SAMPLE-A' }
  const body = { credential_configuration_ids: [sdJwt], claims, ...more }
  const answer = await running.ask('POST', '/issuer/credential-offers', { body })
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: string; credential_offer_uri: string; tx_code: string }
}

async function stateOf(id: string) {
  return (await (await running.ask('GET', `/issuer/credential-offers/${id}`)).json()) as {
    state: string
    credentials: { fingerprints: string[]; event?: string }[]
  }
}

/** Our own verdict on a token, as anybody would get it; its anchor may still be on the way. */
async function judged(token: string) {
  const { service } = running
  const input = writePresentationFile([{ token, proofs: [undefined] }])
  const evidence = await gather(service.verifier, input)
  // A test's chain makes blocks faster than time passes.
  const at = new Date(Math.max(evidence.block.time.getTime(), service.clock().getTime()))
  const verdict = verify(evidence, policyOf(service.chain, at))
  const all = [...verdict.checks, ...verdict.credentials.flatMap(({ checks }) => checks)]
  return all.filter(({ outcome }) => outcome !== 'pass').map(({ code }) => code)
}

/** What @sd-jwt/sd-jwt-vc reads: signatures by the certificates in the headers, status by its list. */
async function readBySdJwtVc(token: string) {
  const verifierOf = (jwt: string) => {
    const { x5c } = JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString())
    const key = new X509Certificate(Buffer.from(x5c[0], 'base64')).publicKey
    return async (input: string, signature: string) =>
      nodeVerify(
        'sha256',
        Buffer.from(input),
        { key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      )
  }
  let statusList = ''
  const library = new SDJwtVcInstance({
    verifier: verifierOf(token),
    statusListFetcher: async (uri: string) => {
      statusList = await (await fetch(uri)).text()
      return statusList
    },
    statusVerifier: (input: string, signature: string) => verifierOf(statusList)(input, signature),
    hasher: async (input: string | ArrayBuffer) =>
      new Uint8Array(
        createHash('sha256')
          .update(typeof input === 'string' ? input : new Uint8Array(input))
          .digest(),
      ),
    hashAlg: 'sha-256',
  })
  return (await library.verify(token)).payload as Record<string, unknown>
}

describe('@openid4vc/openid4vci as the wallet', () => {
  test('takes up an offer by value with DPoP, gets a copy for each of two keys, and says so', async () => {
    const [one, two, dpopKey] = [walletKey(), walletKey(), walletKey('Ed25519')]
    const client = openid4vciClient([one, two, dpopKey])
    const made = await offerTitle()
    const credentialOffer = await client.resolveCredentialOffer(made.credential_offer_uri)
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
    expect(Object.keys(issuerMetadata.knownCredentialConfigurations)).toContain(sdJwt)
    const dpop = { signer: jwkSigner(dpopKey) }
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
      credentialOffer,
      issuerMetadata,
      txCode: made.tx_code,
      dpop,
    })
    expect(accessTokenResponse.token_type).toBe('DPoP')
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const proof = async (key: typeof one) =>
      (
        await client.createCredentialRequestJwtProof({
          issuerMetadata,
          credentialConfigurationId: sdJwt,
          nonce,
          signer: jwkSigner(key),
        })
      ).jwt
    const { access_token: accessToken } = accessTokenResponse
    const received = await client.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId: sdJwt,
      proofs: { jwt: [await proof(one), await proof(two)] },
      accessToken,
      dpop,
    })
    const { credentials, notification_id } = received.credentialResponse
    const tokens = (credentials as { credential: string }[]).map(({ credential }) => credential)
    expect(tokens).toHaveLength(2)
    const keys = tokens.map((token) => parseCredential(token).holderKey)
    expect(keys).toEqual([one.publicJwk, two.publicJwk])
    expect(await judged(tokens[0]!)).toEqual(['anchor/pending', 'verdict/not-reached'])
    expect(await readBySdJwtVc(tokens[1]!)).toMatchObject({
      vct: 'urn:weir:certificate:real-estate-title:1',
      cnf: { jwk: two.publicJwk },
      right_holder: '样本甲',
    })
    await client.sendNotification({
      issuerMetadata,
      accessToken,
      dpop,
      notification: { notificationId: notification_id!, event: 'credential_accepted' },
    })
    const state = await stateOf(made.id)
    expect(state.state).toBe('issued')
    expect(state.credentials[0]!.event).toBe('credential_accepted')
    expect(state.credentials[0]!.fingerprints).toHaveLength(2)
    expect(JSON.stringify(state)).not.toContain('样本甲')
  })

  test('takes up an offer by reference as an anonymous wallet with a bearer token, each format and curve', async () => {
    for (const [id, curve] of [
      [sdJwt, 'Ed25519'],
      [vcJwt, 'secp256k1'],
      ['real-estate-title.1.vc-jwt', 'P-256'],
      ['real-estate-title.1.vc-sd-jwt', 'P-256'],
    ] as const) {
      const key = walletKey(curve)
      const client = openid4vciClient([key])
      const made = await offerTitle({ credential_configuration_ids: [id], by_reference: true })
      expect(made.credential_offer_uri).toContain('credential_offer_uri=')
      const credentialOffer = await client.resolveCredentialOffer(made.credential_offer_uri)
      const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
      const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
        credentialOffer,
        issuerMetadata,
        txCode: made.tx_code,
      })
      const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
      const { jwt } = await client.createCredentialRequestJwtProof({
        issuerMetadata,
        credentialConfigurationId: id,
        nonce,
        signer: jwkSigner(key),
      })
      const { credentialResponse } = await client.retrieveCredentials({
        issuerMetadata,
        credentialConfigurationId: id,
        proofs: { jwt: [jwt] },
        accessToken: accessTokenResponse.access_token,
      })
      const [{ credential }] = credentialResponse.credentials as [{ credential: string }]
      expect(parseCredential(credential).holderKey, id).toEqual(key.publicJwk)
      expect(await judged(credential), id).toEqual(['anchor/pending', 'verdict/not-reached'])
    }
  })

  test('takes the authorization code flow: PAR, the one-time code on the page, PKCE, iss', async () => {
    const [key, dpopKey] = [walletKey(), walletKey()]
    const clientId = 'https://wallet.example'
    const redirectUri = 'wallet.example://back'
    const client = openid4vciClient([key, dpopKey], clientId)
    const made = await offerTitle({ grants: ['authorization_code'] })
    const credentialOffer = await client.resolveCredentialOffer(made.credential_offer_uri)
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
    const dpop = { signer: jwkSigner(dpopKey) }
    const begun = await client.initiateAuthorization({
      credentialOffer,
      issuerMetadata,
      clientId,
      redirectUri,
      scope: sdJwt,
      dpop,
    })
    if (!('pkce' in begun)) throw new Error('no redirect flow')
    const page = await fetch(begun.authorizationRequestUrl, {
      headers: { 'accept-language': 'en' },
    })
    const text = await page.text()
    expect(page.status).toBe(200)
    expect(text).toContain('Real-estate title')
    expect(text).not.toContain('<script')
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self' wallet.example:",
    )
    const asked = new URL(begun.authorizationRequestUrl).searchParams
    const enter = (code: string, more: Record<string, string> = {}) =>
      fetch(begun.authorizationRequestUrl, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...Object.fromEntries(asked), code, ...more }),
      })
    const wrong = await enter('wrong')
    expect(wrong.status).toBe(200)
    expect(await wrong.text()).toContain('role="alert"')
    const back = await enter(made.tx_code)
    expect(back.status).toBe(302)
    const answer = client.parseAndVerifyAuthorizationResponseRedirectUrl({
      url: back.headers.get('location')!,
      authorizationServerMetadata: issuerMetadata.authorizationServers[0]!,
    })
    expect(answer.iss).toBe(running.url)
    expect((await enter(made.tx_code)).status).toBe(400)
    const { accessTokenResponse } = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
      credentialOffer,
      issuerMetadata,
      authorizationCode: answer.code!,
      pkceCodeVerifier: begun.pkce!.codeVerifier,
      redirectUri,
      dpop,
    })
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const { jwt } = await client.createCredentialRequestJwtProof({
      issuerMetadata,
      credentialConfigurationId: sdJwt,
      nonce,
      clientId,
      signer: jwkSigner(key),
    })
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId: sdJwt,
      proofs: { jwt: [jwt] },
      accessToken: accessTokenResponse.access_token,
      dpop,
    })
    expect(credentialResponse.credentials).toHaveLength(1)
    expect((await stateOf(made.id)).state).toBe('issued')
  })
})

test('ldp_vc is the same certificate with a Data Integrity proof, and the same when asked for again', async () => {
  const key = walletKey()
  const client = openid4vciClient([key])
  const id = 'real-estate-title.1.ldp-vc'
  const made = await offerTitle({ credential_configuration_ids: [id] })
  const credentialOffer = await client.resolveCredentialOffer(made.credential_offer_uri)
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    txCode: made.tx_code,
  })
  const ask = async () => {
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const { jwt } = await client.createCredentialRequestJwtProof({
      issuerMetadata,
      credentialConfigurationId: id,
      nonce,
      signer: jwkSigner(key),
    })
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId: id,
      proofs: { jwt: [jwt] },
      accessToken: accessTokenResponse.access_token,
    })
    return (credentialResponse.credentials as [{ credential: JsonObject }])[0].credential
  }
  const credential = await ask()
  expect(await ask()).toEqual(credential)
  expect(credential).toMatchObject({
    type: ['VerifiableCredential', 'RealEstateTitle'],
    issuer: running.service.integrity.did,
    credentialSubject: { id: didJwk(key.publicJwk), right_holder: '样本甲' },
    proof: { cryptosuite: 'eddsa-rdfc-2022', proofPurpose: 'assertionMethod' },
  })
  expect(credential).not.toHaveProperty('salt')
  const checked = await running.ask('POST', '/credentials/verify', {
    body: { verifiableCredential: credential, options: {} },
  })
  expect(checked.status).toBe(200)
  expect(await checked.json()).toMatchObject({ verified: true })
  const forged = { ...credential, validFrom: '2020-01-01T00:00:00Z' }
  const refused = await running.ask('POST', '/credentials/verify', {
    body: { verifiableCredential: forged, options: {} },
  })
  expect(refused.status).toBe(400)
})

describe('@sphereon/oid4vci-client as the wallet', () => {
  const received = async (client: OpenID4VCIClientV1_0_15) => {
    const key = walletKey()
    const { credentials } = await client.acquireCredentials({
      credentialConfigurationId: sdJwt,
      format: 'dc+sd-jwt',
      alg: 'ES256',
      jwk: key.publicJwk as never,
      proofCallbacks: {
        signCallback: async ({ header, payload }) =>
          signedJwt(key, { ...header } as never, { ...payload } as never),
      },
    })
    const [{ credential }] = credentials as unknown as [{ credential: string }]
    expect(parseCredential(credential).holderKey).toEqual(key.publicJwk)
    return credential
  }

  test('takes up an offer with its one-time code', async () => {
    const made = await offerTitle()
    const client = await OpenID4VCIClientV1_0_15.fromURI({
      uri: made.credential_offer_uri,
      createAuthorizationRequestURL: false,
      retrieveServerMetadata: true,
    })
    await client.acquireAccessToken({ pin: made.tx_code })
    expect(await readBySdJwtVc(await received(client))).toMatchObject({ right_holder: '样本甲' })
  })

  test('takes up an offer by logging in', async () => {
    const made = await offerTitle({ grants: ['authorization_code'] })
    const redirectUri = 'http://127.0.0.1:9/back'
    const client = await OpenID4VCIClientV1_0_15.fromURI({
      uri: made.credential_offer_uri,
      clientId: 'sample-wallet',
      authorizationRequest: { redirectUri },
    })
    const page = client.authorizationURL!
    const back = await fetch(page, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams([...new URL(page).searchParams, ['code', made.tx_code]]),
    })
    await client.acquireAccessToken({ authorizationResponse: back.headers.get('location')! })
    await received(client)
    expect((await stateOf(made.id)).state).toBe('issued')
  })
})

describe('over HTTP', () => {
  const form = (path: string, body: Record<string, string>, headers = {}) =>
    running.ask('POST', path, {
      body: new URLSearchParams(body).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  const grant = (made: Awaited<ReturnType<typeof offerTitle>>) => {
    const offer = JSON.parse(
      new URL(made.credential_offer_uri).searchParams.get('credential_offer')!,
    )
    const [name, { 'pre-authorized_code': code }] = Object.entries(offer.grants).find(([one]) =>
      one.startsWith('urn:'),
    ) as [string, { 'pre-authorized_code': string }]
    return { grant_type: name, 'pre-authorized_code': code, tx_code: made.tx_code }
  }

  test('G1: of 300 token requests sent at once exactly one is answered with a token', async () => {
    const made = await offerTitle()
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const answer = await form('/token', {
          ...grant(made),
          resource: 'https://anything.example',
        })
        const body = (await answer.json()) as { error?: string }
        return answer.status === 200 ? 'token' : body.error
      }),
    )
    expect(statuses.filter((one) => one === 'token')).toHaveLength(1)
    // A busy service turns some away before they are looked at; nobody else gets in.
    const others = new Set(statuses.filter((one) => one !== 'token'))
    expect(
      [...others].every((one) => ['invalid_grant', 'temporarily_unavailable'].includes(one!)),
    ).toBe(true)
    expect((await form('/token', grant(made))).status).toBe(400)
  })

  test('G3: a nonce used before a restart is used after it', async () => {
    const made = await offerTitle()
    const { access_token: token } = (await (await form('/token', grant(made))).json()) as {
      access_token: string
    }
    const { c_nonce: nonce } = (await (await running.ask('POST', '/nonce')).json()) as {
      c_nonce: string
    }
    const aud = running.url
    const proof = (key = walletKey()) => keyProof(key, { aud, nonce, iat: secondsOf(new Date()) })
    const ask = (service: TestService, jwt: string) =>
      service.ask('POST', '/credential', {
        body: { credential_configuration_id: sdJwt, proofs: { jwt: [jwt] } },
        token,
      })
    expect((await ask(running, proof())).status).toBe(200)
    await running.close()
    running = await startTestService(district.home, 'registration-centre', {
      baseUrl: new URL(aud),
    })
    const again = await ask(running, proof())
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ error: 'invalid_nonce' })
    await running.close()
    running = await startTestService(district.home, 'registration-centre')
  })

  test('metadata stands at both well-known addresses, also inserted before the path of a base address', async () => {
    const under = await startTestServiceUnder('/departments/titles')
    try {
      const { origin } = new URL(under.url)
      for (const [name, member] of [
        ['openid-credential-issuer', 'credential_issuer'],
        ['oauth-authorization-server', 'issuer'],
      ] as const) {
        const inserted = await fetch(`${origin}/.well-known/${name}/departments/titles`)
        expect(inserted.status).toBe(200)
        expect(((await inserted.json()) as Record<string, string>)[member]).toBe(under.base)
        expect((await fetch(`${origin}/.well-known/${name}/other`)).status).toBe(404)
      }
    } finally {
      await under.close()
    }
  })

  test('errors are the registered ones, in JSON, and a 401 says how to come back', async () => {
    const denied = await running.ask('POST', '/credential', { body: {} })
    expect(denied.status).toBe(401)
    expect(denied.headers.get('www-authenticate')).toContain('DPoP error="invalid_token"')
    expect(await denied.json()).toMatchObject({ error: 'invalid_token' })
    const cases = [
      [{}, 'invalid_request'],
      [{ grant_type: 'client_credentials' }, 'unsupported_grant_type'],
      [{ grant_type: 'authorization_code', code: 'x', code_verifier: 'x' }, 'invalid_grant'],
    ] as const
    for (const [body, error] of cases) {
      const answer = await form('/token', body)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await answer.json()).toMatchObject({ error })
    }
    const twice = await running.ask('POST', '/token', {
      body: 'grant_type=a&grant_type=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(await twice.json()).toMatchObject({ error: 'invalid_request' })
    const pushed = await form('/par', { response_type: 'token' })
    expect(await pushed.json()).toMatchObject({ error: 'unsupported_response_type' })
  })

  test('J4: the log-in page shows what a wallet says of itself as text', async () => {
    const made = await offerTitle({ grants: ['authorization_code'] })
    const offer = JSON.parse(
      new URL(made.credential_offer_uri).searchParams.get('credential_offer')!,
    )
    const clientId = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    const pushed = await form('/par', {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: 'https://wallet.example/"><script>alert(1)</script>',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
      issuer_state: offer.grants.authorization_code.issuer_state,
    })
    expect(pushed.status).toBe(201)
    const { request_uri } = (await pushed.json()) as { request_uri: string }
    const query = new URLSearchParams({ request_uri, client_id: clientId })
    const page = await running.ask('GET', `/authorize?${query}`)
    expect(page.status).toBe(200)
    const text = await page.text()
    expect(text).not.toContain('<script')
    expect(text).not.toContain('<img')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    )
  })

  test('I5: audit log, metrics and the offer’s state hold no claim, code or token', async () => {
    // Long enough not to stand in a digest by chance.
    const made = await offerTitle({ tx_code: '938271605544' })
    const { access_token: token } = (await (await form('/token', grant(made))).json()) as {
      access_token: string
    }
    const seen = await Promise.all(
      ['/audit?limit=1000', '/metrics', `/issuer/credential-offers/${made.id}`].map(async (path) =>
        (await running.ask('GET', path)).text(),
      ),
    )
    expect(seen[0]).toContain(made.id)
    const secrets = [token, made.tx_code, grant(made)['pre-authorized_code'], '样本甲', 'SAMPLE-A']
    for (const text of seen) {
      for (const secret of secrets) expect(text.includes(secret)).toBe(false)
    }
  })

  test('an unknown offer is 404, and a wish that does not fit is refused without its values', async () => {
    expect((await running.ask('GET', '/issuer/credential-offers/none')).status).toBe(404)
    const body = {
      credential_configuration_ids: [sdJwt],
      claims: { ...sampleTitle(1), area: '样本秘密' },
    }
    const answer = await running.ask('POST', '/issuer/credential-offers', { body })
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'certificate/wrong-form' })
    expect(text).not.toContain('样本秘密')
  })

  async function startTestServiceUnder(path: string) {
    await running.close()
    // The base address is known before the service is opened, so its port is a free one of the first.
    const base = new URL(`${running.url}${path}`)
    const under = await startTestService(district.home, 'registration-centre', { baseUrl: base })
    const { origin } = new URL(under.url)
    return {
      base: base.href,
      url: origin,
      close: async () => {
        await under.close()
        running = await startTestService(district.home, 'registration-centre')
      },
    }
  }
})
