import type { PublicJwk } from '../credential/model.ts'

const coordinate = /^[A-Za-z0-9_-]{43}$/

/** Curves whose key binding `verify` can check, and whether their points have two coordinates. */
const curves = new Map([
  ['EC P-256', true],
  ['EC secp256k1', true],
  ['OKP Ed25519', false],
])

/**
 * Whether a copy may be bound to this key: P-256, secp256k1 or Ed25519, coordinates of 32 bytes. Whether
 * the point lies on its curve is seen when the key proves that somebody holds it.
 */
export function isHolderKey({ kty, crv, x, y }: PublicJwk): boolean {
  const hasY = curves.get(`${kty} ${crv}`)
  if (hasY === undefined || !coordinate.test(x)) return false
  return hasY ? y !== undefined && coordinate.test(y) : y === undefined
}
