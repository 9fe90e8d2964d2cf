import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeBase64url, generateKeyPair } from '#primitives'
import type { JsonObject, PublicJwk } from '../../../src/credential/model.ts'
import { parseCredential } from '../../../src/credential/parse.ts'
import { OutsideError } from '../../../src/errors.ts'
import { issueOne } from '../../../src/issuer/issue.ts'
import { leafReader } from '../../../src/issuer/proof.ts'
import { changeStatus } from '../../../src/issuer/status.ts'
import { acceptOffer } from '../../../src/openid4vc/wallet/acceptOffer.ts'
import { fetchProofs } from '../../../src/openid4vc/wallet/fetchProofs.ts'
import type { WalletClient } from '../../../src/openid4vc/wallet/model.ts'
import type { FetchRequest } from '../../../src/ports/fetch.ts'
import { anchorAll, degreeRequest, newSigner } from '../../support/issuer.ts'
import { type PresentationWorld, presentationWorld } from '../presentation/world.ts'

const issuerUrl = 'https://issuer.example'
let world: PresentationWorld
let serial = 1000

beforeAll(async () => {
  world = await presentationWorld()
})
afterAll(async () => world.pool.close())

/** What an issuer puts into the wallet's hands, for the key that it proved. */
type Hand = (key: PublicJwk) => Promise<string>

const configuration = {
  format: 'dc+sd-jwt',
  vct: 'urn:weir:certificate:degree-certificate:1',
  cryptographic_binding_methods_supported: ['jwk'],
  credential_signing_alg_values_supported: ['ES256'],
  proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
}

/** An issuer of anybody's making that speaks OpenID4VCI, and what the wallet said to it. */
function issuerThat(
  hand: Hand,
  options: { txCode?: string; defers?: boolean; format?: string } = {},
) {
  const said: { path: string; body: string }[] = []
  const answers: Record<string, (request: FetchRequest) => Promise<[number, JsonObject]>> = {
    '/.well-known/openid-credential-issuer': async () => [
      200,
      {
        credential_issuer: issuerUrl,
        credential_endpoint: `${issuerUrl}/credential`,
        nonce_endpoint: `${issuerUrl}/nonce`,
        notification_endpoint: `${issuerUrl}/notification`,
        credential_configurations_supported: {
          degree: { ...configuration, ...(options.format && { format: options.format }) },
        },
      } as unknown as JsonObject,
    ],
    '/.well-known/oauth-authorization-server': async () => [
      200,
      {
        issuer: issuerUrl,
        token_endpoint: `${issuerUrl}/token`,
        'pre-authorized_grant_anonymous_access_supported': true,
      },
    ],
    '/token': async ({ body }) => {
      const form = new URLSearchParams(Buffer.from(body as Uint8Array).toString())
      const isRight = form.get('tx_code') === (options.txCode ?? null)
      return isRight
        ? [200, { access_token: 'sample-token', token_type: 'Bearer', expires_in: 60 }]
        : [400, { error: 'invalid_grant' }]
    },
    '/nonce': async () => [200, { c_nonce: 'sample-nonce' }],
    '/credential': async ({ body }) => {
      if (options.defers) return [202, { transaction_id: 'sample', interval: 60 }]
      const { proofs } = JSON.parse(Buffer.from(body as Uint8Array).toString())
      const [header, payload] = proofs.jwt[0]
        .split('.')
        .slice(0, 2)
        .map((part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()))
      expect(header).toMatchObject({ typ: 'openid4vci-proof+jwt', alg: 'ES256' })
      expect(payload).toMatchObject({ aud: issuerUrl, nonce: 'sample-nonce' })
      const credential = await hand(header.jwk)
      return [200, { credentials: [{ credential }], notification_id: 'sample-notification' }]
    },
    '/notification': async () => [204, {}],
  }
  const fetch: WalletClient['fetch'] = async (request) => {
    const { pathname } = new URL(request.url)
    const body =
      request.body === undefined ? '' : Buffer.from(request.body as Uint8Array).toString()
    said.push({ path: pathname, body })
    const [status, answer] = (await answers[pathname]?.(request)) ?? [404, {}]
    return {
      status,
      headers: { 'content-type': 'application/json' },
      body: new TextEncoder().encode(status === 204 ? '' : JSON.stringify(answer)),
    }
  }
  return { client: { ...world.wallet, fetch } as WalletClient, said }
}

const offerUri = (more: JsonObject = {}) => {
  const grant = { 'pre-authorized_code': 'sample-code', ...more }
  const offer = {
    credential_issuer: issuerUrl,
    credential_configuration_ids: ['degree'],
    grants: { 'urn:ietf:params:oauth:grant-type:pre-authorized_code': grant },
  }
  return `openid-credential-offer://?credential_offer=${encodeURIComponent(JSON.stringify(offer))}`
}

const honest: Hand = async (key) => {
  const request = degreeRequest(++serial, { holderKeys: [key], formats: ['dc+sd-jwt'] })
  const [made] = await issueOne(world.issuing.issuer, request)
  return made!.token
}

async function refusal(client: WalletClient, wish = { credentialOfferUri: offerUri() }) {
  return acceptOffer(client, wish).then(
    () => 'accepted',
    (error) => error.detail?.code ?? error.code,
  )
}

const stored = async () => (await world.holder.store.list()).length

describe('H12: a wallet checks the issuer before it stores', () => {
  test('what an accredited department signed for a key of this wallet is stored, and it says so', async () => {
    const { client, said } = issuerThat(honest)
    const { issuer, received } = await acceptOffer(client, { credentialOfferUri: offerUri() })
    expect(issuer).toBe(issuerUrl)
    expect(received).toMatchObject([{ proof: undefined }])
    expect(await world.holder.store.get(received[0]!.id)).toBeDefined()
    expect(JSON.parse(said.at(-1)!.body)).toMatchObject({ event: 'credential_accepted' })
  })

  test('forged, foreign, revoked and stolen certificates are refused, nothing is stored, and it says so', async () => {
    const before = await stored()
    const stranger = newSigner(world.issuing.issuer.department.did, world.pool, 9)
    const forged: [string, Hand][] = [
      ['signature/bad', async (key) => changed(await honest(key))],
      ['holder/not-ours', async () => honest(generateKeyPair().publicJwk)],
      [
        'signature/bad',
        async (key) => {
          const token = await honest(key)
          const [input] = token.split('~')
          const signing = input!.slice(0, input!.lastIndexOf('.'))
          const [signature] = await stranger.sign('credential', [signing])
          return `${signing}.${encodeBase64url(signature!)}~${token.split('~').slice(1).join('~')}`
        },
      ],
      [
        'status/revoked',
        async (key) => {
          const token = await honest(key)
          await anchorAll(world.issuing)
          const fingerprint = Buffer.from(parseCredential(token).fingerprint).toString('hex')
          await revoke(fingerprint)
          return token
        },
      ],
      ['credential/malformed', async () => 'no credential at all~'],
    ]
    for (const [code, hand] of forged) {
      const { client, said } = issuerThat(hand)
      expect(await refusal(client)).toBe(code)
      expect(JSON.parse(said.at(-1)!.body)).toMatchObject({ event: 'credential_failure' })
    }
    expect(await stored()).toBe(before)
  })

  test('an issuer that refuses, defers, or offers what this wallet cannot keep is told apart', async () => {
    const code = { tx_code: { input_mode: 'numeric', length: 6 } }
    const guarded = issuerThat(honest, { txCode: '123456' })
    const wish = { credentialOfferUri: offerUri(code) }
    expect(await refusal(guarded.client, wish)).toBe('wallet/bad-offer')
    expect(await refusal(guarded.client, { ...wish, txCode: '654321' } as typeof wish)).toBe(
      'wallet/offer-refused',
    )
    expect(await refusal(guarded.client, { ...wish, txCode: '123456' } as typeof wish)).toBe(
      'accepted',
    )
    expect(await refusal(issuerThat(honest, { defers: true }).client)).toBe('wallet/offer-refused')
    expect(await refusal(issuerThat(honest, { format: 'mso_mdoc' }).client)).toBe(
      'wallet/bad-offer',
    )
    const { client } = issuerThat(honest)
    for (const uri of ['', 'x', 'openid-credential-offer://', `${issuerUrl}/none`]) {
      expect(await refusal(client, { credentialOfferUri: uri })).toBe('wallet/bad-offer')
    }
    const down: WalletClient['fetch'] = async () => {
      throw new OutsideError('fetch/failed')
    }
    expect(await refusal({ ...client, fetch: down })).toBe('fetch/failed')
  })

  test('the proof of the anchor is fetched later, and what was revoked meanwhile gets none', async () => {
    const { client } = issuerThat(honest)
    const leaves = leafReader(world.issuing.store)
    await anchorAll(world.issuing)
    await fetchProofs({ ...client, leaves })
    const ids = []
    for (let copies = 0; copies < 2; copies++) {
      const { received } = await acceptOffer(client, { credentialOfferUri: offerUri() })
      ids.push(received[0]!.id)
    }
    const [kept, revoked] = ids as [string, string]
    expect(await fetchProofs({ ...client, leaves })).toBe(0)
    await anchorAll(world.issuing)
    await revoke(revoked)
    expect(await fetchProofs(client)).toBe(0)
    expect(await fetchProofs({ ...client, leaves })).toBe(1)
    expect((await world.holder.store.get(kept))!.proof).toBeDefined()
    expect((await world.holder.store.get(revoked))!.proof).toBeUndefined()
    expect(await fetchProofs({ ...client, leaves })).toBe(0)
  })
})

async function revoke(fingerprint: string): Promise<void> {
  const grounds = {
    reason: 'sample',
    legalBasis: 'sample regulation, article 1',
    operator: 'clerk-1',
    approver: 'clerk-2',
  }
  await changeStatus(world.issuing.issuer, { of: { fingerprint }, to: 'revoked', grounds })
  await anchorAll(world.issuing)
}

function changed(token: string): string {
  const at = token.indexOf('.', token.indexOf('.') + 1) + 5
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}
