import { generateKeyPairSync } from 'node:crypto'
import { openIntegrity } from '../../../src/adapters/dataIntegrity/open.ts'
import { integritySigner } from '../../../src/adapters/keys/integritySigner.ts'
import { builtInTypes } from '../../../src/certificate/types.ts'
import { bytesOfMultibase58 } from '../../../src/identity/base58.ts'
import { jwkOfDidKey } from '../../../src/identity/didKey.ts'
import type { Integrity } from '../../../src/ports/integrity.ts'
import type { PrivateJwk } from '../../../src/primitives/model.ts'

/** A key pair as the specification's vectors write it. */
export type MultibaseKeyPair = {
  readonly publicKeyMultibase: string
  readonly secretKeyMultibase: string
}

/** A new Ed25519 key. */
export function newIntegrityKey(): PrivateJwk {
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kty, crv, x, d } as PrivateJwk
}

/** A key of the specification's vectors. */
export function vectorKey({
  publicKeyMultibase,
  secretKeyMultibase,
}: MultibaseKeyPair): PrivateJwk {
  // Multicodec `ed25519-priv`, two bytes.
  const d = Buffer.from(bytesOfMultibase58(secretKeyMultibase).subarray(2, 34))
  return { ...jwkOfDidKey(`did:key:${publicKeyMultibase}`), d: d.toString('base64url') }
}

/** Data Integrity under a key, all certificate types known. */
export function integrityOf(key: PrivateJwk = newIntegrityKey()): Integrity {
  return openIntegrity(integritySigner(key), builtInTypes)
}
