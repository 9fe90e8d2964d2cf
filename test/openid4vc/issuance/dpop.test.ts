import { expect, test } from 'vitest'
import { sha256Base64url } from '#primitives'
import { requireAccess } from '../../../src/openid4vc/issuance/access.ts'
import { verifyDpop } from '../../../src/openid4vc/issuance/dpop.ts'
import { token } from '../../../src/openid4vc/issuance/token.ts'
import { OAuthError } from '../../../src/openid4vc/oauthError.ts'
import { dpopProof, secondsOf, signedJwt, walletKey } from '../../support/wallet.ts'
import { accepted, oauthRefusal, offered, offerWorld, tokenForm } from './world.ts'

const htu = 'https://titles.example/token'
const resource = 'https://titles.example/credential'

test('a token that was got with a proof is used with a proof of the same key', async () => {
  const { issuance } = await offerWorld()
  const key = walletKey('Ed25519')
  const iat = secondsOf(issuance.clock())
  const got = await token(
    issuance,
    tokenForm(await offered(issuance)),
    dpopProof(key, { htm: 'POST', htu, iat }),
  )
  expect(got.token_type).toBe('DPoP')
  const ath = sha256Base64url(got.access_token as string)
  const use = async (scheme: string, dpop: string | undefined) => {
    const authorization = `${scheme} ${got.access_token}`
    try {
      await requireAccess(issuance, 'credential', { authorization, dpop })
      return undefined
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      expect(error.status).toBe(401)
      expect(error.headers['WWW-Authenticate']).toContain('DPoP')
      return error.errorResponse.error
    }
  }
  const good = () => dpopProof(key, { htm: 'POST', htu: resource, iat, ath })
  expect(await use('DPoP', good())).toBeUndefined()
  expect(await use('Bearer', undefined)).toBe('invalid_token')
  expect(await use('Bearer', good())).toBe('invalid_token')
  expect(await use('DPoP', undefined)).toBe('invalid_dpop_proof')
  const stranger = dpopProof(walletKey(), { htm: 'POST', htu: resource, iat, ath })
  expect(await use('DPoP', stranger)).toBe('invalid_dpop_proof')
  const noHash = dpopProof(key, { htm: 'POST', htu: resource, iat })
  expect(await use('DPoP', noHash)).toBe('invalid_dpop_proof')
  const otherHash = dpopProof(key, { htm: 'POST', htu: resource, iat, ath: 'x' })
  expect(await use('DPoP', otherHash)).toBe('invalid_dpop_proof')
})

test('a bearer token is no DPoP token, and none is none', async () => {
  const made = await offerWorld()
  const { issuance } = made
  const { authorization } = await accepted(issuance)
  const ask = (value: string | undefined) =>
    oauthRefusal(requireAccess(issuance, 'credential', { authorization: value, dpop: undefined }))
  expect(await ask(authorization)).toBeUndefined()
  for (const value of [
    undefined,
    '',
    'Bearer',
    `${authorization}x`,
    authorization.replace('Bearer', 'DPoP'),
    authorization.replace('Bearer', 'Basic'),
  ]) {
    expect(await ask(value)).toBe('invalid_token')
  }
  made.ahead = 600
  expect(await ask(authorization)).toBe('invalid_token')
})

test('a proof counts once, in 100 parallel requests too', async () => {
  const { issuance } = await offerWorld()
  const iat = secondsOf(issuance.clock())
  const proof = dpopProof(walletKey(), { htm: 'POST', htu, iat })
  const codes = await Promise.all(
    Array.from({ length: 100 }, () =>
      oauthRefusal(verifyDpop(issuance, proof, { method: 'POST', url: htu })),
    ),
  )
  expect(codes.filter((code) => code === undefined)).toHaveLength(1)
  expect(codes.filter((code) => code === 'invalid_dpop_proof')).toHaveLength(99)
})

test('a proof for another request, time or kind is refused', async () => {
  const { issuance } = await offerWorld()
  const key = walletKey()
  const iat = secondsOf(issuance.clock())
  const good = { htm: 'POST', htu, iat }
  const ask = (proof: string) =>
    oauthRefusal(verifyDpop(issuance, proof, { method: 'POST', url: htu }))
  expect(await ask(dpopProof(key, { ...good, htu: `${htu}?x=1#y` }))).toBeUndefined()
  const header = { typ: 'dpop+jwt', jwk: { ...key.publicJwk } }
  const bad = {
    method: dpopProof(key, { ...good, htm: 'GET' }),
    address: dpopProof(key, { ...good, htu: resource }),
    host: dpopProof(key, { ...good, htu: 'https://other.example/token' }),
    'no address': dpopProof(key, { ...good, htu: 'token' }),
    old: dpopProof(key, { ...good, iat: iat - 301 }),
    early: dpopProof(key, { ...good, iat: iat + 61 }),
    'empty jti': dpopProof(key, { ...good, jti: '' }),
    'no jti': signedJwt(key, header, good),
    kind: signedJwt(key, { ...header, typ: 'JWT' }, { ...good, jti: 'a' }),
    'private key': signedJwt(key, { ...header, jwk: { ...key.privateJwk } }, { ...good, jti: 'b' }),
    'no key': signedJwt(key, { typ: 'dpop+jwt' }, { ...good, jti: 'c' }),
    'key by name': signedJwt(key, { typ: 'dpop+jwt', kid: 'did:key:x' }, { ...good, jti: 'd' }),
    'alg none': signedJwt(key, { ...header, alg: 'none' }, { ...good, jti: 'e' }),
    HS256: signedJwt(key, { ...header, alg: 'HS256' }, { ...good, jti: 'f' }),
    nothing: '',
  }
  for (const [what, proof] of Object.entries(bad)) {
    expect(await ask(proof), what).toBe('invalid_dpop_proof')
  }
})

test('a bad proof at the token endpoint costs the wallet nothing', async () => {
  const { issuance } = await offerWorld()
  const offer = await offered(issuance)
  const iat = secondsOf(issuance.clock())
  const bad = dpopProof(walletKey(), { htm: 'POST', htu: resource, iat })
  expect(await oauthRefusal(token(issuance, tokenForm(offer), bad))).toBe('invalid_dpop_proof')
  const good = dpopProof(walletKey(), { htm: 'POST', htu, iat })
  expect(await token(issuance, tokenForm(offer), good)).toMatchObject({ token_type: 'DPoP' })
})
