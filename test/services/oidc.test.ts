import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { InputError, OutsideError } from '../../src/errors.ts'
import type { Fetch } from '../../src/ports/fetch.ts'
import { authenticatorOf } from '../../src/services/authentication.ts'
import { bareService } from '../support/bareService.ts'

const issuer = 'https://login.example'
const audience = 'https://registry.example'
const now = new Date('2026-11-22T12:00:00Z')
const seconds = Math.floor(now.getTime() / 1000)

type Keys = Awaited<ReturnType<typeof generateKeyPair>>

describe('an access token of the login service', () => {
  let keys: Keys
  let stranger: Keys
  let asked: string[]
  let isAway: boolean
  beforeAll(async () => {
    keys = await generateKeyPair('ES256')
    stranger = await generateKeyPair('ES256')
  })

  /** The login service: discovery and keys, over the Fetch port. */
  const fetch: Fetch = async ({ url }) => {
    asked.push(url)
    if (isAway) throw new OutsideError('fetch/timeout')
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
    const answers: Record<string, unknown> = {
      [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/keys` },
      [`${issuer}/keys`]: { keys: [jwk] },
    }
    const body = new Uint8Array(Buffer.from(JSON.stringify(answers[url] ?? {})))
    return { status: url in answers ? 200 : 404, headers: {}, body }
  }

  const service = () => {
    asked = []
    isAway = false
    const oidc = { issuer, audience }
    return bareService({ oidc }, { fetch, clock: () => now }).service
  }

  const good: JWTPayload = {
    iss: issuer,
    aud: audience,
    sub: 'user-17',
    iat: seconds,
    exp: seconds + 300,
    roles: ['clerk', 'janitor'],
  }
  const signed = (payload: JWTPayload, header: object = {}, key = keys.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key)

  test('says who calls and which of our roles it has', async () => {
    const authenticate = authenticatorOf(service())
    const actor = await authenticate(`Bearer ${await signed(good)}`)
    expect(actor).toEqual({ name: 'oidc:user-17', roles: ['clerk'] })
    await authenticate(`Bearer ${await signed({ ...good, roles: 'approver auditor' })}`)
    expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`])
  })

  test('without a role may do nothing, and role names of prototypes are none', async () => {
    const authenticate = authenticatorOf(service())
    for (const roles of [undefined, [], 'constructor', { clerk: true }, 7]) {
      const token = await signed({ ...good, roles } as JWTPayload)
      expect((await authenticate(`Bearer ${token}`)).roles).toEqual([])
    }
  })

  test('of another service, audience, time or key is refused, all with one answer', async () => {
    const authenticate = authenticatorOf(service())
    const { exp: _exp, ...endless } = good
    const { sub: _sub, ...nobody } = good
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)))
    const body = Buffer.from(JSON.stringify(good)).toString('base64url')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    const tokens = [
      await signed({ ...good, iss: 'https://other.example' }),
      await signed({ ...good, aud: 'https://other.example' }),
      await signed({ ...good, exp: seconds - 61 }),
      await signed({ ...good, nbf: seconds + 120 }),
      await signed(endless),
      await signed(nobody),
      await signed(good, {}, stranger.privateKey),
      await signed(good, { kid: 'unknown' }),
      await new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret),
      none,
      'a.b.c',
      'not-a-token',
    ]
    for (const token of tokens) {
      const refused = authenticate(`Bearer ${token}`)
      await expect(refused).rejects.toMatchObject({ code: 'service/unauthenticated', detail: {} })
    }
    for (const header of [undefined, '', 'Basic eDp5', `bearer  ${tokens[0]}`]) {
      await expect(authenticate(header)).rejects.toMatchObject({ code: 'service/unauthenticated' })
    }
  })

  test('is not refused while the login service is away, but asked for again', async () => {
    const authenticate = authenticatorOf(service())
    isAway = true
    const token = await signed(good)
    const first = authenticate(`Bearer ${token}`)
    await expect(first).rejects.toMatchObject({ name: 'OutsideError', code: 'fetch/timeout' })
    isAway = false
    expect((await authenticate(`Bearer ${token}`)).name).toBe('oidc:user-17')
  })

  test('J9: nobody gets in by keys from an address that may not be reached', async () => {
    const { service: bare } = bareService(
      { oidc: { issuer, audience, jwksUri: 'https://10.0.0.1/keys' } },
      {
        clock: () => now,
        fetch: async () => {
          throw new InputError('fetch/bad-address', { reason: 'private' })
        },
      },
    )
    const refused = authenticatorOf(bare)(`Bearer ${await signed(good)}`)
    await expect(refused).rejects.toMatchObject({ code: 'service/unauthenticated' })
  })
})
