import { compactDecrypt, importJWK } from 'jose'
import { decodeUtf8, generateKeyPair } from '#primitives'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import type { PresentationTransaction, Sealer } from './model.ts'

/** Content encryption that wallets may choose (HAIP 1.0 section 5). */
export const contentEncryptions = ['A128GCM', 'A256GCM'] as const

/** Characters of an encrypted answer at most. */
const maxJwe = 2_097_152

/** Makes the key of one request, to which its answer is encrypted; its private half is sealed. */
export function newResponseKey(
  sealer: Sealer,
  id: string,
): NonNullable<PresentationTransaction['responseKey']> {
  const { privateJwk, publicJwk } = generateKeyPair()
  const kid = id.slice(0, 16)
  const sealed = sealer.seal(context(id), Buffer.from(JSON.stringify(privateJwk)))
  return { publicJwk: { ...publicJwk, kid, use: 'enc', alg: 'ECDH-ES' }, sealed }
}

/**
 * Opens an encrypted answer.
 *
 * @returns the authorization response inside.
 * @throws {InputError} `presentation/bad-response` if it is not encrypted to this request's key with an
 *   algorithm asked for; compression is not among them.
 * @see OpenID4VP 1.0, section 8.3
 */
export async function decryptResponse(
  sealer: Sealer,
  { id, responseKey }: PresentationTransaction,
  jwe: string,
): Promise<JsonObject> {
  const refused = (cause?: unknown) => new InputError('presentation/bad-response', { cause })
  if (responseKey === undefined || jwe.length > maxJwe) throw refused()
  try {
    const plain = decodeUtf8(new Uint8Array(sealer.unseal(context(id), responseKey.sealed)))
    const key = await importJWK(JSON.parse(plain), 'ECDH-ES')
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: [...contentEncryptions],
    })
    const { kid, zip } = protectedHeader
    if (zip !== undefined || (kid !== undefined && kid !== responseKey.publicJwk.kid)) {
      throw refused()
    }
    return parseJsonObject(new Uint8Array(plaintext), { maxLength: maxJwe })
  } catch (cause) {
    // What the library says about the failure helps nobody but an attacker.
    throw cause instanceof InputError ? cause : refused()
  }
}

function context(id: string): string {
  return `weir/vp-response-key/1 ${id}`
}
