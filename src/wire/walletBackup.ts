import { deriveKey, newDerivation, seal, unseal } from '../adapters/keys/envelope.ts'
import { secretBytes } from '../adapters/keys/secret.ts'
import type { KeyStore } from '../adapters/keys/store.ts'
import { readObject, readString, refuseOthers } from '../credential/claims.ts'
import { parseJsonObject } from '../credential/json.ts'
import type { JsonObject } from '../credential/model.ts'
import { InputError, isWeirError } from '../errors.ts'
import type { HeldRecord, HolderStore } from '../ports/holder.ts'
import { proofJson, readCertificate } from '../presentation/certificateFile.ts'
import type { PrivateJwk } from '../primitives/model.ts'

/** How much a backup held. */
export type WalletCount = { readonly keys: number; readonly certificates: number }

const context = 'weir/wallet-backup/1'
/** Characters of a backup at most. */
const maxLength = 33_554_432

/**
 * A wallet as one text: `{ weirWallet: 1, derivation, sealed }`, keys and certificates encrypted with a key
 * made from the passphrase (scrypt, AES-256-GCM).
 *
 * @throws {InputError} `key/weak-secret` for a passphrase under 12 characters.
 */
export async function sealWallet(
  keys: KeyStore,
  store: HolderStore,
  passphrase: string,
): Promise<string> {
  const derivation = newDerivation('passphrase')
  const key = await deriveKey(await secretBytes({ passphrase }), derivation)
  const jwks = []
  for (const { id, purpose } of await keys.list()) {
    if (purpose === 'holder') jwks.push(await keys.load(id, 'holder'))
  }
  const certificates = (await store.list()).map(({ id, token, proof, receivedAt }) => ({
    id,
    receivedAt: receivedAt.toISOString(),
    file: { credential: token, ...(proof && { proof: proofJson(proof) }) },
  }))
  const sealed = seal(key, context, Buffer.from(JSON.stringify({ keys: jwks, certificates })))
  return `${JSON.stringify({ weirWallet: 1, derivation, sealed })}\n`
}

/**
 * Opens what {@link sealWallet} made.
 *
 * @throws {InputError} `json/*`, `key/damaged-store` if it is no such text; `key/wrong-secret` if the
 * passphrase is another or a bit was changed.
 */
export async function openSealed(
  text: Uint8Array,
  passphrase: string,
): Promise<{ readonly jwks: readonly PrivateJwk[]; readonly records: readonly HeldRecord[] }> {
  const file = parseJsonObject(text, { maxLength })
  const { sealed } = file
  const derivation = derivationIn(file)
  if (file.weirWallet !== 1 || typeof sealed !== 'string' || derivation === undefined) {
    throw new InputError('key/damaged-store')
  }
  const key = await deriveKey(await secretBytes({ passphrase }), derivation)
  const { keys, certificates } = parseJsonObject(opened(key, sealed), { maxLength })
  if (!Array.isArray(keys) || !Array.isArray(certificates)) {
    throw new InputError('key/damaged-store')
  }
  // Sealed by us: the key store refuses what is no key of its curve.
  return {
    jwks: keys as unknown as PrivateJwk[],
    records: (certificates as JsonObject[]).map(recordOf),
  }
}

function derivationIn(file: JsonObject) {
  refuseOthers(file, ['weirWallet', 'derivation', 'sealed'], 'file')
  const derivation = readObject(file.derivation, 'derivation')
  const salt = readString(derivation?.salt, 'derivation.salt')
  const n = derivation?.n
  // Never the form without work, which is for keys that are random already.
  if (derivation?.name !== 'scrypt' || typeof n !== 'number' || salt === undefined) return undefined
  return { name: 'scrypt', n, salt } as const
}

function opened(key: Uint8Array, sealed: string): Uint8Array {
  try {
    return unseal(key, context, sealed)
  } catch (error) {
    if (isWeirError(error)) throw new InputError('key/wrong-secret')
    throw error
  }
}

function recordOf({ id, receivedAt, file }: JsonObject): HeldRecord {
  const { credential, proof } = readCertificate(file as JsonObject)
  return { id: String(id), token: credential, proof, receivedAt: new Date(String(receivedAt)) }
}
