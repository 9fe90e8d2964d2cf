import { describe, expect, test } from 'vitest'
import { claimsOf, offerOf } from '../../../src/openid4vc/issuance/offer.ts'
import { offerByReference } from '../../../src/openid4vc/issuance/offerObject.ts'
import { token } from '../../../src/openid4vc/issuance/token.ts'
import { sampleTitle } from '../../support/issuer.ts'
import { oauthRefusal, offered, offerWorld, titleJwt, titleSdJwt, tokenForm } from './world.ts'

const outcomes = async (calls: readonly Promise<unknown>[]) => {
  const codes = await Promise.all(calls.map(oauthRefusal))
  return {
    good: codes.filter((code) => code === undefined).length,
    grant: codes.filter((code) => code === 'invalid_grant').length,
  }
}

describe('a pre-authorised code', () => {
  test('G1: of 1,000 that send it at the same time exactly one gets a token', async () => {
    const { issuance } = await offerWorld()
    const offer = await offered(issuance)
    const calls = Array.from({ length: 1000 }, () => token(issuance, tokenForm(offer), undefined))
    expect(await outcomes(calls)).toEqual({ good: 1, grant: 999 })
    expect(await oauthRefusal(token(issuance, tokenForm(offer), undefined))).toBe('invalid_grant')
  })

  test('G1: it has 128 bits or more, comes with a one-time code where claims are restricted, and ends after five minutes', async () => {
    const made = await offerWorld()
    const { issuance } = made
    const offer = await offered(issuance)
    expect(offer.code).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(offer.txCode).toMatch(/^\d{6}$/)
    expect(offer.expiresAt.getTime() - issuance.clock().getTime()).toBe(300_000)
    made.ahead = 299
    expect((await offerOf(issuance, offer.id))?.state).toBe('offered')
    made.ahead = 300
    expect(await oauthRefusal(token(issuance, tokenForm(offer), undefined))).toBe('invalid_grant')
    expect((await offerOf(issuance, offer.id))?.state).toBe('expired')
    expect(await claimsOf(issuance, offer.id)).toBeUndefined()
  })

  test('G1: an offer of restricted claims without a code, or for longer, is not made', async () => {
    const { issuance } = await offerWorld()
    await expect(offered(issuance, { txCode: false })).rejects.toMatchObject({
      code: 'offer/needs-tx-code',
    })
    for (const expiresIn of [0, 301, 1.5]) {
      await expect(offered(issuance, { expiresIn })).rejects.toMatchObject({
        code: 'offer/bad-lifetime',
      })
    }
  })

  test('G2: of parallel guesses at most five are looked at, then the offer is dead', async () => {
    const { issuance } = await offerWorld()
    const offer = await offered(issuance)
    const wrong = offer.txCode === '000000' ? '000001' : '000000'
    const guess = () => token(issuance, tokenForm({ ...offer, txCode: wrong }), undefined)
    const calls = Array.from({ length: 500 }, guess)
    expect(await outcomes(calls)).toEqual({ good: 0, grant: 500 })
    expect(await offerOf(issuance, offer.id)).toMatchObject({ state: 'dead', guesses: 5 })
    // Too late for the right one, and nothing of the person is kept.
    expect(await oauthRefusal(token(issuance, tokenForm(offer), undefined))).toBe('invalid_grant')
    expect(await claimsOf(issuance, offer.id)).toBeUndefined()
  })

  test('after four wrong codes the right one still counts', async () => {
    const { issuance } = await offerWorld()
    const offer = await offered(issuance)
    for (let count = 1; count <= 4; count++) {
      const form = tokenForm({ ...offer, txCode: `wrong${count}` })
      expect(await oauthRefusal(token(issuance, form, undefined))).toBe('invalid_grant')
    }
    const { token_type } = await token(issuance, tokenForm(offer), undefined)
    expect(token_type).toBe('Bearer')
  })

  test('a department may choose the code itself, or its form', async () => {
    const { issuance } = await offerWorld()
    const own = await offered(issuance, { txCode: '4935' })
    expect(own.txCode).toBe('4935')
    expect(JSON.stringify(own.object)).toContain('"tx_code":{"input_mode":"numeric","length":4}')
    expect(JSON.stringify(own.object)).not.toContain('4935')
    const text = await offered(issuance, { txCode: { inputMode: 'text', length: 10 } })
    expect(text.txCode).toMatch(/^[2-9A-HJ-NP-Z]{10}$/)
    for (const txCode of ['493', '4935x', '']) {
      await expect(offered(issuance, { txCode })).rejects.toMatchObject({
        code: 'offer/needs-tx-code',
      })
    }
  })

  test('a missing one-time code is an invalid request and costs no guess', async () => {
    const { issuance } = await offerWorld()
    const offer = await offered(issuance)
    const form = tokenForm({ ...offer, txCode: undefined })
    expect(await oauthRefusal(token(issuance, form, undefined))).toBe('invalid_request')
    expect((await offerOf(issuance, offer.id))?.guesses).toBe(0)
  })

  test('an unknown grant, code or scope has its own code', async () => {
    const { issuance } = await offerWorld()
    const offer = await offered(issuance)
    const ask = (form: Record<string, string>) => oauthRefusal(token(issuance, form, undefined))
    expect(await ask({})).toBe('invalid_request')
    expect(await ask({ grant_type: 'password' })).toBe('unsupported_grant_type')
    expect(await ask({ ...tokenForm(offer), 'pre-authorized_code': 'x' })).toBe('invalid_grant')
    expect(await ask({ ...tokenForm(offer), scope: 'other' })).toBe('invalid_scope')
    for (const details of ['x', '{}', '[]', '[{"type":"openid_credential"}]']) {
      expect(await ask({ ...tokenForm(offer), authorization_details: details })).toBe(
        'invalid_authorization_details',
      )
    }
    expect((await offerOf(issuance, offer.id))?.state).toBe('offered')
  })
})

describe('an offer', () => {
  test('carries itself or a reference to itself, and holds no secret in the store', async () => {
    const { issuance, world } = await offerWorld()
    const offer = await offered(issuance, { configurations: [titleSdJwt, titleJwt] })
    expect(offer.object).toMatchObject({
      credential_issuer: 'https://titles.example',
      credential_configuration_ids: [titleSdJwt, titleJwt],
    })
    const other = await offered(issuance, { isByReference: true })
    const address = new URL(other.uri).searchParams.get('credential_offer_uri')!
    const reference = address.replace('https://titles.example/credential-offers/', '')
    expect(await offerByReference(issuance, reference)).toMatchObject({
      credential_configuration_ids: [titleSdJwt],
    })
    const stored = await world.store.sessions.get(
      world.address,
      'vci-reference',
      reference,
      issuance.clock(),
    )
    expect(stored).toBeUndefined()
    await expect(offerByReference(issuance, 'other')).rejects.toMatchObject({
      code: 'offer/unknown',
    })
  })

  test('is made only of what the department issues, for one certificate, with claims that fit', async () => {
    const { issuance } = await offerWorld()
    const cases = [
      [{ configurations: [] }, 'offer/unknown-configuration'],
      [{ configurations: ['constructor'] }, 'offer/unknown-configuration'],
      [{ configurations: [titleSdJwt, titleSdJwt] }, 'offer/unknown-configuration'],
      [{ configurations: [titleSdJwt, 'degree-certificate.1.dc-sd-jwt'] }, 'offer/several-types'],
      [{ claims: { ...sampleTitle(1), other: 'x' } }, 'certificate/unknown-member'],
      [{ claims: {} }, 'certificate/missing-claim'],
      [
        { configurations: ['business-licence.1.dc-sd-jwt'], claims: {} },
        'certificate/missing-claim',
      ],
    ] as const
    for (const [wish, code] of cases) {
      await expect(offered(issuance, wish as object), code).rejects.toMatchObject({ code })
    }
  })
})
