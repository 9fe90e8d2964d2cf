import { expect, test } from 'vitest'
import { encodeBase64url } from '#primitives'
import { didJwk, didJwkUrl, jwkOfDid } from '../../src/credential/didJwk.ts'
import { fingerprint } from '../../src/credential/fingerprint.ts'
import { canonicalJwk, thumbprint, thumbprintHex } from '../../src/credential/thumbprint.ts'
import { hex } from '../../src/primitives/bytes.ts'
import { codeOf, holderJwk, publicJwk } from './samples.ts'

const jwk = publicJwk(holderJwk)

test('the thumbprint of an Ed25519 key is as RFC 8037 A.3 says', () => {
  const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  expect(encodeBase64url(thumbprint(key))).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

test('the thumbprint does not depend on the order of members, nor on others', () => {
  const { kty, crv, x, y } = jwk
  const shuffled = { y, x, kid: 'one', crv, kty }
  expect(thumbprintHex(shuffled)).toBe(thumbprintHex(jwk))
  expect(thumbprintHex(jwk)).toMatch(/^0x[0-9a-f]{64}$/)
  expect(canonicalJwk(shuffled)).toBe(`{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`)
})

test('a did:jwk is the key and gives it back', () => {
  expect(jwkOfDid(didJwk(jwk))).toEqual(jwk)
  expect(jwkOfDid(didJwkUrl(jwk))).toEqual(jwk)
})

test('a did:jwk of a private key, of no key or spelled otherwise is refused', () => {
  const did = (value: unknown) => `did:jwk:${encodeBase64url(JSON.stringify(value))}`
  const bad = [
    did(holderJwk),
    did([]),
    did({ kty: 'EC' }),
    did({ ...jwk, n: 1 }),
    `${didJwk(jwk)}#1`,
    `${didJwk(jwk)}=`,
    'did:key:z',
    '',
    'did:jwk:',
  ]
  for (const one of bad)
    expect(
      codeOf(() => jwkOfDid(one)),
      one,
    ).toBe('credential/bad-key')
})

/** Computed with: printf 'weir/fingerprint/1\0a.b' | sha256sum */
test('B12: the fingerprint commits to the signing input under its own name', () => {
  expect(hex(fingerprint('a.b'))).toBe(
    '80dac9ca31b218b3f204e40a7af865ad92457cc2cf60e6eac13c461b3e0ef52d',
  )
})
