import { p256 } from '@noble/curves/nist.js'
import { encodeBase64url, importPrivateKey, sha256, sign } from '#primitives'
import { thumbprint } from '../../src/identity/thumbprint.ts'
import { concat } from '../../src/primitives/bytes.ts'
import type { PrivateKey } from '../../src/primitives/model.ts'
import type { Key } from './model.ts'

/** A sample key, always the same for one seed and name; never for anything else. */
export function sampleKey(seed: string, name: string): Key {
  const secret = sha256(`weir mutate sample key ${seed}/${name}`)
  const point = p256.getPublicKey(secret, false)
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: encodeBase64url(point.slice(1, 33)),
    y: encodeBase64url(point.slice(33)),
  }
  return { privateJwk: { ...jwk, d: encodeBase64url(secret) }, jwk, thumbprint: thumbprint(jwk) }
}

const handles = new Map<string, PrivateKey>()

/** Signs ASCII text; r || s, 64 bytes. */
export function signed(key: Key, text: string): Uint8Array {
  let handle = handles.get(key.thumbprint)
  if (handle === undefined) {
    handle = importPrivateKey(key.privateJwk)
    handles.set(key.thumbprint, handle)
  }
  return sign(handle, text)
}

/** The other spelling of an ECDSA signature, (r, n - s): accepted by design, the fingerprint does not see it. */
export function twin(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
  const mirrored = (p256.Point.Fn.ORDER - s).toString(16).padStart(64, '0')
  return concat(signature.subarray(0, 32), Buffer.from(mirrored, 'hex'))
}
