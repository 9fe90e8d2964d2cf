import { createPool } from '../adapters/keys/pool.ts'
import { localSigner } from '../adapters/keys/signer.ts'
import { openKeyStore } from '../adapters/keys/store.ts'
import { openStore } from '../adapters/storage/openStore.ts'
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
  const store = await openStore({ kind: 'sqlite', path: `${folder}/store.sqlite` })
  const pool = createPool(1)
  const ids = new Map<string, string>()
  for (const key of await keys.list()) ids.set(thumbprint(key.publicJwk), key.id)

  async function signerFor(key: PublicJwk) {
    const id = ids.get(thumbprint(key))
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
    newKey: async () => {
      const id = `holder-${ids.size + 1}`
      const { publicJwk } = await keys.create(id, 'holder')
      ids.set(thumbprint(publicJwk), id)
      return publicJwk
    },
    backUp: (passphrase) => sealWallet(keys, store.holder, passphrase),
    restore: async (text, passphrase) => {
      const { jwks, records } = await openSealed(text, passphrase)
      for (const jwk of jwks) {
        const name = thumbprint(jwk)
        if (ids.has(name)) continue
        const id = `holder-${ids.size + 1}`
        await keys.add(id, 'holder', jwk)
        ids.set(name, id)
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
