import { decodeBase64url, importPrivateKey, sign } from '#primitives'
import { InputError } from '../../errors.ts'
import { multibase58 } from '../../identity/base58.ts'
import type { IntegritySigner } from '../../ports/integrity.ts'
import { concat } from '../../primitives/bytes.ts'
import type { PrivateJwk } from '../../primitives/model.ts'
import type { KeyStore } from './store.ts'

/** Name of the key in a department's store. */
const keyId = 'integrity-1'

/**
 * The service's Ed25519 key, made the first time.
 *
 * @throws {InputError} those of the key store.
 * @throws {TrustError} `key/not-authentic`
 */
export async function openIntegritySigner(keys: KeyStore): Promise<IntegritySigner> {
  const known = (await keys.list()).some(({ id }) => id === keyId)
  if (!known) {
    await keys.create(keyId, 'integrity').catch((error: unknown) => {
      // Another process made it in between.
      if (!(error instanceof InputError) || error.code !== 'key/exists') throw error
    })
  }
  return integritySigner(await keys.load(keyId, 'integrity'))
}

/**
 * A signer whose Ed25519 key is in this process.
 *
 * @throws {InputError} `credential/bad-key`
 */
export function integritySigner(jwk: PrivateJwk): IntegritySigner {
  if (jwk.crv !== 'Ed25519') throw new InputError('credential/bad-key', { why: 'curve' })
  const key = importPrivateKey(jwk)
  // Multicodec `ed25519-pub`.
  const name = multibase58(concat(Uint8Array.of(0xed, 0x01), decodeBase64url(jwk.x)))
  const did = `did:key:${name}`
  return {
    did,
    keyUrl: `${did}#${name}`,
    async sign(hash) {
      if (hash.length !== 64) throw new InputError('key/wrong-kind')
      return sign(key, hash)
    },
  }
}
