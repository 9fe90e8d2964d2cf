import { readFile, stat } from 'node:fs/promises'
import { InputError } from '../../errors.ts'

/** What the operator opens a key store with: a passphrase, or the path of a file of random bytes. */
export type StoreSecret = { readonly passphrase: string } | { readonly keyFile: string }

const minPassphrase = 12
const minKeyFile = 32

/**
 * The secret's bytes.
 *
 * @throws {InputError} `key/weak-secret` for a passphrase under 12 characters or a key file under 32 bytes;
 *   `key/open-to-others` if others may read the key file; `key/no-file` if it cannot be read.
 */
export async function secretBytes(secret: StoreSecret): Promise<Uint8Array> {
  if ('passphrase' in secret) {
    // The same characters typed on another keyboard may come composed or not.
    const passphrase = secret.passphrase.normalize('NFKC')
    if ([...passphrase].length < minPassphrase) throw new InputError('key/weak-secret')
    return new TextEncoder().encode(passphrase)
  }
  await requirePrivate(secret.keyFile)
  const bytes = await readFile(secret.keyFile).catch(() => {
    throw new InputError('key/no-file')
  })
  if (bytes.length < minKeyFile) throw new InputError('key/weak-secret')
  return bytes
}

/**
 * Refuses a file that others than its owner may read.
 *
 * @throws {InputError} `key/open-to-others`; `key/no-file` if there is none.
 */
export async function requirePrivate(path: string): Promise<void> {
  const { mode } = await stat(path).catch(() => {
    throw new InputError('key/no-file')
  })
  // Windows keeps access elsewhere and reports fixed bits.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new InputError('key/open-to-others')
}
