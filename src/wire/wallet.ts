import { createPool } from '../adapters/keys/pool.ts'
import { localSigner } from '../adapters/keys/signer.ts'
import { openKeyStore, type StoredKey } from '../adapters/keys/store.ts'
import { openStore, type StoreConfig } from '../adapters/storage/openStore.ts'
import { builtInTypes } from '../certificate/types.ts'
import { didJwk } from '../credential/didJwk.ts'
import type { PublicJwk } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { Holder } from '../holder/model.ts'
import { thumbprint } from '../identity/thumbprint.ts'
import type { Clock } from '../ports/clock.ts'
import { writePresentationFile } from '../presentation/presentationFile.ts'
import { verify } from '../verdict/verify.ts'
import { gather } from '../verifier/gather.ts'
import type { Verifier } from '../verifier/model.ts'
import type { OpenChain } from './chain.ts'
import { storeOf } from './department.ts'
import { type Home, inHome, secretOf } from './home.ts'
import { policyOf } from './verifier.ts'
import { openSealed, sealWallet, type WalletCount } from './walletBackup.ts'

/** A wallet: a folder of its own with keys and certificates. */
export type Wallet = {
  readonly holder: Holder
  /** Makes a key to which an issuer can bind one copy. */
  newKey(): Promise<PublicJwk>
  /** All keys and certificates as one text, sealed with a passphrase, see `sealWallet`. */
  backUp(passphrase: string): Promise<string>
  /** Adds keys and certificates of a backup to what is here, see `openSealed`. */
  restore(text: Uint8Array, passphrase: string): Promise<WalletCount>
  close(): Promise<void>
}

/** The name of a department's own wallet. */
export function walletOfDepartment(name: string): string {
  return `of-${name}`.slice(0, 40)
}

/**
 * Opens the wallet of this name under the home's `wallets/`, or makes it.
 *
 * @param name lower-case letters, digits and `-`.
 * @throws {InputError} `configuration/missing` for another name; those of the key store.
 */
export async function openWallet(
  home: Home,
  chain: Pick<OpenChain, 'deployment'>,
  verifier: Verifier,
  name: string,
  clock: Clock = () => new Date(),
): Promise<Wallet> {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    throw new InputError('configuration/missing', { asked: 'wallet' })
  }
  const folder = inHome(home, `wallets/${name}`)
  const keys = await openKeyStore(`${folder}/keys.json`, secretOf(home))
  const store = await openStore(storeOfWallet(home, name, folder))
  const pool = createPool(1)
  const ids = new Map<string, string>()
  const readIds = async () => {
    for (const key of await keys.list()) ids.set(thumbprint(key.publicJwk), key.id)
  }
  await readIds()

  /** Keeps a key under the next name that is free, also of those that another process took. */
  async function withFreeId(keep: (id: string) => Promise<StoredKey>): Promise<PublicJwk> {
    for (let number = ids.size + 1; ; number += 1) {
      try {
        const { id, publicJwk } = await keep(`holder-${number}`)
        ids.set(thumbprint(publicJwk), id)
        return publicJwk
      } catch (error) {
        if (!(error instanceof InputError && error.code === 'key/exists')) throw error
        await readIds()
        number = Math.max(number, ids.size)
      }
    }
  }

  async function signerFor(key: PublicJwk) {
    const name = thumbprint(key)
    // Another process of the department may have made it.
    if (!ids.has(name)) await readIds()
    const id = ids.get(name)
    if (id === undefined) return undefined
    const privateJwk = await keys.load(id, 'holder')
    const { d: _, ...jwk } = privateJwk
    const did = didJwk(jwk)
    const signer = { did, kid: `${did}#0`, thumbprint: thumbprint(jwk), jwk, alg: 'ES256' }
    return localSigner({ ...signer, purpose: 'holder', x5c: [] }, privateJwk, pool)
  }

  return {
    holder: {
      store: store.holder,
      signerFor,
      check: async (token, proof) => {
        const input = writePresentationFile([{ token, proofs: [proof] }])
        return verify(await gather(verifier, input), policyOf(chain, clock()))
      },
      types: builtInTypes,
      now: clock,
    },
    newKey: () => withFreeId((id) => keys.create(id, 'holder')),
    backUp: (passphrase) => sealWallet(keys, store.holder, passphrase),
    restore: async (text, passphrase) => {
      const { jwks, records } = await openSealed(text, passphrase)
      for (const jwk of jwks) {
        if (!ids.has(thumbprint(jwk))) await withFreeId((id) => keys.add(id, 'holder', jwk))
      }
      for (const record of records) await store.holder.put(record)
      return { keys: jwks.length, certificates: records.length }
    },
    close: async () => {
      await pool.close()
      await store.close()
    },
  }
}

/** A wallet is a file, but that of a department whose processes share a database stands in there. */
function storeOfWallet(home: Home, name: string, folder: string): StoreConfig {
  const owner = Object.entries(home.configuration.departments).find(
    ([department, { store }]) =>
      store.kind === 'postgres' && walletOfDepartment(department) === name,
  )
  if (owner !== undefined) return storeOf(home, owner[1])
  return { kind: 'sqlite', path: `${folder}/store.sqlite` }
}
