import { describe, expect, test } from 'vitest'
import { encodeBase64url, sha256Base64url } from '#primitives'
import { thumbprint } from '../../../src/credential/thumbprint.ts'
import { openLogIn, submitLogIn } from '../../../src/openid4vc/issuance/authorize.ts'
import { readForm } from '../../../src/openid4vc/issuance/form.ts'
import { issuerMetadata } from '../../../src/openid4vc/issuance/metadata.ts'
import type { Issuance } from '../../../src/openid4vc/issuance/model.ts'
import { claimsOf, offerOf } from '../../../src/openid4vc/issuance/offer.ts'
import { push } from '../../../src/openid4vc/issuance/pushed.ts'
import { token } from '../../../src/openid4vc/issuance/token.ts'
import { sampleTitle } from '../../support/issuer.ts'
import { dpopProof, secondsOf, walletKey } from '../../support/wallet.ts'
import { oauthRefusal, offered, offerWorld, titleSdJwt } from './world.ts'

const clientId = 'https://wallet.example'
const redirectUri = 'https://wallet.example/back?from=weir'
const verifier = 'v'.repeat(43)
const pushForm = (state: string, rest: Record<string, string> = {}) => ({
  response_type: 'code',
  client_id: clientId,
  redirect_uri: redirectUri,
  code_challenge: sha256Base64url(verifier),
  code_challenge_method: 'S256',
  issuer_state: state,
  state: 'of-the-wallet',
  ...rest,
})

const logInOffer = (issuance: Issuance, person = 'SAMPLE-A') =>
  offered(issuance, {
    grants: ['authorization'],
    claims: { ...sampleTitle(1), holder_document_number: person },
  })

async function logIn(issuance: Issuance, state: string, code: string, rest = {}) {
  const { requestUri } = await push(issuance, pushForm(state, rest), undefined)
  const form = { request_uri: requestUri, client_id: clientId, code }
  return { form, answer: await submitLogIn(issuance, form) }
}

const codeForm = (code: string, rest: Record<string, string> = {}) => ({
  grant_type: 'authorization_code',
  code,
  client_id: clientId,
  redirect_uri: redirectUri,
  code_verifier: verifier,
  ...rest,
})

async function codeOf(issuance: Issuance, rest = {}) {
  const offer = await logInOffer(issuance)
  const { answer } = await logIn(issuance, offer.state, offer.txCode!, rest)
  const url = new URL('redirect' in answer ? answer.redirect : '')
  return { offer, url, code: url.searchParams.get('code')! }
}

describe('logging in', () => {
  test('the one-time code leads back to the wallet with code, state and iss', async () => {
    const { issuance } = await offerWorld()
    const { url, code } = await codeOf(issuance)
    expect(url.href).toMatch(/^https:\/\/wallet\.example\/back\?from=weir&code=/)
    expect(url.searchParams.get('state')).toBe('of-the-wallet')
    expect(url.searchParams.get('iss')).toBe(issuerMetadata(issuance).credential_issuer)
    expect(await token(issuance, codeForm(code), undefined)).toMatchObject({ token_type: 'Bearer' })
  })

  test('G4: with the offer of another and without their one-time code nobody gets in', async () => {
    const { issuance } = await offerWorld()
    const [attacker, victim] = [
      await logInOffer(issuance, 'SAMPLE-ATTACKER'),
      await logInOffer(issuance, 'SAMPLE-VICTIM'),
    ]
    // The attacker saw the victim's offer and has a good code of their own.
    const { answer } = await logIn(issuance, victim.state, attacker.txCode!)
    expect(answer).toMatchObject({ page: { isWrong: true } })
    // And the other way round: the victim's code does not open the attacker's offer.
    const { answer: other } = await logIn(issuance, attacker.state, victim.txCode!)
    expect(other).toMatchObject({ page: { isWrong: true } })
    expect(await offerOf(issuance, victim.id)).toMatchObject({ state: 'offered', guesses: 1 })
  })

  test('G4: a code that was slipped into another wallet is worth nothing there', async () => {
    const { issuance } = await offerWorld()
    const { code } = await codeOf(issuance)
    const other = codeForm(code, { code_verifier: 'w'.repeat(43) })
    expect(await oauthRefusal(token(issuance, other, undefined))).toBe('invalid_grant')
    // It was tried, so it is used.
    expect(await oauthRefusal(token(issuance, codeForm(code), undefined))).toBe('invalid_grant')
  })

  test('G4: what must be logged in for cannot be taken up by the code in an offer', async () => {
    const { issuance } = await offerWorld({ logInOnly: ['real-estate-title'] })
    const offer = await offered(issuance)
    expect(Object.keys(offer.object.grants)).toEqual(['authorization_code'])
    expect(offer.txCode).toMatch(/^\d{6}$/)
  })

  test('G2: five wrong codes end the offer, and the wallet is told', async () => {
    const { issuance } = await offerWorld()
    const offer = await logInOffer(issuance)
    const { requestUri } = await push(issuance, pushForm(offer.state), undefined)
    const form = { request_uri: requestUri, client_id: clientId, code: 'wrong' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => submitLogIn(issuance, form).catch(() => undefined)),
    )
    expect(answers.filter((one) => one && 'page' in one).length).toBeLessThan(50)
    const told = answers.flatMap((one) => (one && 'redirect' in one ? [one.redirect] : []))
    expect(told.length).toBeGreaterThan(0)
    for (const one of told) {
      expect(new URL(one).searchParams.get('error')).toBe('access_denied')
      expect(new URL(one).searchParams.get('iss')).toBe('https://titles.example')
    }
    expect(await offerOf(issuance, offer.id)).toMatchObject({ state: 'dead', guesses: 5 })
    expect(await claimsOf(issuance, offer.id)).toBeUndefined()
  })

  test('whoever declines sends the wallet away, and the offer stays open', async () => {
    const { issuance } = await offerWorld()
    const offer = await logInOffer(issuance)
    const { requestUri } = await push(issuance, pushForm(offer.state), undefined)
    const form = { request_uri: requestUri, client_id: clientId, decision: 'decline' }
    const answer = await submitLogIn(issuance, form)
    expect('redirect' in answer && new URL(answer.redirect).searchParams.get('error')).toBe(
      'access_denied',
    )
    expect(await oauthRefusal(openLogIn(issuance, form))).toBe('invalid_request')
    expect((await offerOf(issuance, offer.id))?.state).toBe('offered')
  })

  test('a page opens for the client that pushed the request only', async () => {
    const { issuance } = await offerWorld()
    const offer = await logInOffer(issuance)
    const { requestUri } = await push(issuance, pushForm(offer.state), undefined)
    const open = (form: Record<string, string>) => oauthRefusal(openLogIn(issuance, form))
    expect(await open({ request_uri: requestUri, client_id: clientId })).toBeUndefined()
    for (const form of [
      {},
      { request_uri: requestUri },
      { request_uri: requestUri, client_id: 'other' },
      { request_uri: `${requestUri}x`, client_id: clientId },
      { request_uri: 'https://wallet.example/request', client_id: clientId },
    ]) {
      expect(await open(form as Record<string, string>)).toBe('invalid_request')
    }
  })
})

describe('an authorization code', () => {
  test('counts once, for its client, its redirect_uri, its verifier and for a minute', async () => {
    const others: Record<string, string>[] = [
      { client_id: 'other' },
      { redirect_uri: `${redirectUri}&x=1` },
      { redirect_uri: 'https://wallet.example/back' },
      { code_verifier: 'short' },
    ]
    for (const rest of others) {
      const { issuance } = await offerWorld()
      const { code } = await codeOf(issuance)
      const call = token(issuance, codeForm(code, rest), undefined)
      expect(await oauthRefusal(call), JSON.stringify(rest)).toBe('invalid_grant')
    }
    const made = await offerWorld()
    const { code } = await codeOf(made.issuance)
    const codes = await Promise.all(
      Array.from({ length: 100 }, () =>
        oauthRefusal(token(made.issuance, codeForm(code), undefined)),
      ),
    )
    expect(codes.filter((one) => one === undefined)).toHaveLength(1)
    const late = await codeOf(made.issuance)
    made.ahead = 61
    const call = token(made.issuance, codeForm(late.code), undefined)
    expect(await oauthRefusal(call)).toBe('invalid_grant')
  })

  test('that was asked for with a DPoP key is exchanged with a proof of that key only', async () => {
    const { issuance } = await offerWorld()
    const [key, other] = [walletKey(), walletKey()]
    const jkt = encodeBase64url(thumbprint(key.publicJwk))
    const htu = 'https://titles.example/token'
    const proofBy = (one: typeof key) =>
      dpopProof(one, { htm: 'POST', htu, iat: secondsOf(issuance.clock()) })
    for (const dpop of [undefined, proofBy(other)]) {
      const { code } = await codeOf(issuance, { dpop_jkt: jkt })
      expect(await oauthRefusal(token(issuance, codeForm(code), dpop))).toBe('invalid_grant')
    }
    const { code } = await codeOf(issuance, { dpop_jkt: jkt })
    expect(await token(issuance, codeForm(code), proofBy(key))).toMatchObject({
      token_type: 'DPoP',
    })
  })

  test('names the credentials where authorization details were asked for', async () => {
    const { issuance } = await offerWorld()
    const details = [{ type: 'openid_credential', credential_configuration_id: titleSdJwt }]
    const { code } = await codeOf(issuance, { authorization_details: JSON.stringify(details) })
    expect(await token(issuance, codeForm(code), undefined)).toMatchObject({
      authorization_details: [{ ...details[0], credential_identifiers: [titleSdJwt] }],
    })
  })
})

describe('a pushed request', () => {
  test('is refused with the code of its fault', async () => {
    const { issuance } = await offerWorld()
    const offer = await logInOffer(issuance)
    const ask = (rest: Record<string, string | undefined>) => {
      const form = Object.entries(pushForm(offer.state, rest as Record<string, string>))
      const known = Object.fromEntries(form.filter(([, value]) => value !== undefined))
      return oauthRefusal(push(issuance, known, undefined))
    }
    expect(await ask({})).toBeUndefined()
    expect(await ask({ response_type: 'token' })).toBe('unsupported_response_type')
    expect(await ask({ scope: 'openid' })).toBe('invalid_scope')
    expect(await ask({ authorization_details: '[{}]' })).toBe('invalid_authorization_details')
    const invalid: Record<string, string | undefined>[] = [
      { response_type: undefined },
      { client_id: undefined },
      { redirect_uri: undefined },
      { code_challenge: undefined },
      { code_challenge: 'short' },
      { code_challenge_method: 'plain' },
      { code_challenge_method: undefined },
      { issuer_state: undefined },
      { issuer_state: 'other' },
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      { request: 'e30.e30.' },
      { dpop_jkt: 'x' },
      ...[
        'javascript:alert(1)',
        'data:text/html,x',
        'http://wallet.example/back',
        'https://wallet.example/back#x',
        'https://user@wallet.example/',
        'https://wallet.example;script-src/',
        "https://wallet.example'/",
        'back',
      ].map((redirect_uri) => ({ redirect_uri })),
    ]
    for (const rest of invalid)
      expect(await ask(rest), JSON.stringify(rest)).toBe('invalid_request')
  })

  test('a parameter that comes twice is refused, unless nobody looks at it', () => {
    expect(() => readForm('a=1&a=2')).toThrow('invalid_request')
    expect(() => readForm('__proto__=1&__proto__=2')).toThrow('invalid_request')
    expect(readForm('resource=a&resource=b&a=&b=1')).toEqual({ b: '1' })
  })
})
