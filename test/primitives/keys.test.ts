import { expect, test } from 'vitest'
import * as browser from '../../src/primitives/browser.ts'
import { decompressP256 } from '../../src/primitives/curve.ts'
import { derFromRaw, rawFromDer } from '../../src/primitives/der.ts'
import type { PublicJwk } from '../../src/primitives/model.ts'
import * as node from '../../src/primitives/node.ts'
import { sides } from './sides.ts'

/** RFC 7515 appendix A.3. */
const es256 = {
  jwk: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  },
  input:
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
  signature:
    'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
}

/** RFC 8037 appendix A.1, A.4. */
const ed25519 = {
  jwk: {
    kty: 'OKP',
    crv: 'Ed25519',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  },
  input: 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc',
  signature:
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
}

test.each(sides)('%s: verifies the signatures of RFC 7515 A.3 and RFC 8037 A.4', (_, side) => {
  for (const { jwk, input, signature } of [es256, ed25519]) {
    const key = side.importPublicKey(jwk)
    const bytes = side.decodeBase64url(signature)
    expect(side.verifySignature(key, input, bytes)).toBe(true)
    expect(side.verifySignature(key, `${input}x`, bytes)).toBe(false)
    expect(side.verifySignature(key, input, bytes.subarray(0, 63))).toBe(false)
    expect(side.verifySignature(key, input, new Uint8Array())).toBe(false)
  }
  expect(side.importPublicKey(es256.jwk).alg).toBe('ES256')
  expect(side.importPublicKey(ed25519.jwk).alg).toBe('EdDSA')
})

test('what one side signs, the other verifies', () => {
  for (const { jwk } of [es256, ed25519]) {
    for (const [signer, verifier] of [
      [node, browser],
      [browser, node],
    ] as const) {
      const signature = signer.sign(signer.importPrivateKey(jwk), '证照')
      expect(signature).toHaveLength(64)
      expect(verifier.verifySignature(verifier.importPublicKey(jwk), '证照', signature)).toBe(true)
    }
  }
})

test.each(sides)('%s: a new key pair signs what only its public half verifies', (_, side) => {
  const { privateJwk, publicJwk } = side.generateKeyPair()
  expect(Object.keys(publicJwk).sort()).toEqual(['crv', 'kty', 'x', 'y'])
  const signature = side.sign(side.importPrivateKey(privateJwk), 'text')
  expect(side.verifySignature(side.importPublicKey(publicJwk), 'text', signature)).toBe(true)
  expect(side.verifySignature(side.importPublicKey(es256.jwk), 'text', signature)).toBe(false)
})

test.each(sides)(
  'A9: %s: points off the curve, of small order or of another kind are refused',
  (_, side) => {
    const { kty, crv, x, y } = es256.jwk
    const zero = 'A'.repeat(43)
    const field = '_____wAAAAEAAAAAAAAAAAAAAAD_______________8'
    const bad: PublicJwk[] = [
      { kty, crv, x, y: x },
      { kty, crv, x: zero, y: zero },
      { kty, crv, x: field, y },
      { kty, crv, x },
      { kty, crv, x, y: `${y}A` },
      { kty, crv, x: `${x.slice(0, 42)}V`, y },
      { kty, crv: 'secp256k1', x, y },
      { kty, crv: 'P-384', x, y },
      { kty: 'RSA', crv, x, y },
      { kty: 'OKP', crv: 'Ed25519', x: ed25519.jwk.x, y },
      { kty: 'OKP', crv: 'Ed25519', x: zero },
      { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` },
      { kty: 'OKP', crv: 'Ed25519', x: `${'_'.repeat(42)}8` },
      { kty: 'oct', crv: 'toString', x },
    ]
    for (const jwk of bad) {
      expect(() => side.importPublicKey(jwk), JSON.stringify(jwk)).toThrow('credential/bad-key')
    }
  },
)

test.each(sides)('%s: a private key that is not the other half is refused', (_, side) => {
  const other = side.generateKeyPair().privateJwk.d
  for (const d of [other, 'A'.repeat(43), '', es256.jwk.d.slice(1)]) {
    expect(() => side.importPrivateKey({ ...es256.jwk, d })).toThrow('credential/bad-key')
  }
})

test('A8: both halves of s are accepted, zeros are not', () => {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const raw = Buffer.from(es256.signature, 'base64url')
  const s = BigInt(`0x${raw.subarray(32).toString('hex')}`)
  const other = Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex')
  for (const [, side] of sides) {
    const key = side.importPublicKey(es256.jwk)
    const flipped = Uint8Array.from([...raw.subarray(0, 32), ...other])
    expect(side.verifySignature(key, es256.input, flipped)).toBe(true)
    expect(side.verifySignature(key, es256.input, new Uint8Array(64))).toBe(false)
    const zeroR = Uint8Array.from([...new Uint8Array(32), ...raw.subarray(32)])
    const zeroS = Uint8Array.from([...raw.subarray(0, 32), ...new Uint8Array(32)])
    expect(side.verifySignature(key, es256.input, zeroR)).toBe(false)
    expect(side.verifySignature(key, es256.input, zeroS)).toBe(false)
  }
})

test('DER and r || s are each other, also with leading zeros and high bits', () => {
  const samples = [
    [1, 0],
    [0x80, 0],
    [0xff, 31],
    [0x7f, 16],
    [1, 31],
  ] as const
  for (const [byte, position] of samples) {
    const raw = new Uint8Array(64)
    raw[position] = byte
    raw[32 + position] = byte
    expect(rawFromDer(derFromRaw(raw))).toEqual(raw)
  }
  expect(Buffer.from(derFromRaw(new Uint8Array(64))).toString('hex')).toBe('3006020100020100')
})

test('a compressed point is expanded, others are refused', () => {
  const { x, y } = es256.jwk
  const xBytes = node.decodeBase64url(x)
  const yBytes = node.decodeBase64url(y)
  const compressed = Uint8Array.from([2 + (yBytes[31]! & 1), ...xBytes])
  expect(decompressP256(compressed)).toEqual(Uint8Array.from([4, ...xBytes, ...yBytes]))
  for (const bad of [compressed.subarray(1), Uint8Array.from([4, ...xBytes]), new Uint8Array(33)]) {
    expect(() => decompressP256(bad)).toThrow('credential/bad-key')
  }
})
