import type { IKey, ManagedKeyInfo } from '@veramo/core-types'
import { decodeBase64url } from '#primitives'
import type { Signer } from '../../ports/signing.ts'
import { hex } from '../../primitives/bytes.ts'
import type { PublicJwk } from '../../primitives/model.ts'

/** The public side of a key, whatever keeps it. */
export type VeramoKey = {
  readonly id: string
  readonly purpose: string
  readonly publicJwk: PublicJwk
}

/** The keys that an agent may use. Private keys stay behind this door. */
export type KeyDoor = {
  list(): Promise<readonly VeramoKey[]>
  /** A new key; P-256, or secp256k1 for the purpose `account`. */
  create(id: string, purpose: string): Promise<VeramoKey>
  remove(id: string): Promise<void>
  /** Signs with a P-256 key; undefined if this agent may not. */
  signer(id: string): Promise<Signer | undefined>
}

/** Name of the key management system under which an agent finds these keys. */
export const kms = 'weir'

/** A key as Veramo describes it; `publicKeyHex` is compressed, as Veramo expects for ECDSA. */
export function managedKey({ id, purpose, publicJwk }: VeramoKey): ManagedKeyInfo & IKey {
  const isP256 = publicJwk.crv === 'P-256'
  return {
    kid: id,
    kms,
    type: isP256 ? 'Secp256r1' : 'Secp256k1',
    publicKeyHex: compressed(publicJwk),
    meta: { purpose, algorithms: isP256 ? ['ES256'] : [] },
  }
}

function compressed({ x, y = '' }: PublicJwk): string {
  // SEC 1 section 2.3.3: 02 for an even y, 03 for an odd one.
  return `0${2 + (decodeBase64url(y)[31]! & 1)}${hex(decodeBase64url(x))}`
}
