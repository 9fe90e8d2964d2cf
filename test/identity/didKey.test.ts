import { expect, test } from 'vitest'
import { jwkOfDidKey } from '../../src/identity/didKey.ts'
import { refusal } from '../support/refusal.ts'

// did:key method specification, section "Test Vectors" (Ed25519, secp256k1, P-256).
const ed25519 = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp'
const secp256k1 = 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme'
const p256 = 'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169'

test('the keys of did:key are read: Ed25519, secp256k1 and P-256', () => {
  expect(jwkOfDidKey(ed25519)).toEqual({
    kty: 'OKP',
    crv: 'Ed25519',
    x: 'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik',
  })
  expect(jwkOfDidKey(secp256k1)).toMatchObject({ kty: 'EC', crv: 'secp256k1' })
  expect(jwkOfDidKey(p256)).toEqual({
    kty: 'EC',
    crv: 'P-256',
    x: 'fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI',
    y: 'hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU',
  })
})

test('the DID URL of its one key is the same key, any other fragment is refused', () => {
  const url = `${p256}#${p256.slice('did:key:'.length)}`
  expect(jwkOfDidKey(url)).toEqual(jwkOfDidKey(p256))
  expect(refusal(() => jwkOfDidKey(`${p256}#0`))).toBe('credential/bad-key')
})

test('another spelling, alphabet, length or kind of key is refused', () => {
  for (const did of [
    ed25519.replace('did:key:', 'did:jwk:'),
    ed25519.replace('z6Mk', 'z16Mk'),
    `${ed25519}1`,
    ed25519.slice(0, -1),
    ed25519.replace('T', 'O').replace('1y', '0y'),
    // X25519 of the same specification.
    'did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc',
    'did:key:',
    `did:key:z${'1'.repeat(200)}`,
  ])
    expect(
      refusal(() => jwkOfDidKey(did)),
      did,
    ).toBe('credential/bad-key')
})
