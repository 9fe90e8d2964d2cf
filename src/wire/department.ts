import { accountOf } from '../adapters/chain/account.ts'
import { anchorWriter } from '../adapters/chain/anchorWriter.ts'
import { registryWriter } from '../adapters/chain/registryWriter.ts'
import { createPool } from '../adapters/keys/pool.ts'
import { localSigner } from '../adapters/keys/signer.ts'
import { type KeyStore, openKeyStore } from '../adapters/keys/store.ts'
import { createWorkers } from '../adapters/keys/workers.ts'
import { openStore, type Store, type StoreConfig } from '../adapters/storage/openStore.ts'
import { builtInTypes } from '../certificate/types.ts'
import type { DepartmentConfiguration } from '../configuration/model.ts'
import { InputError } from '../errors.ts'
import { formatEthrDid } from '../identity/did.ts'
import type { KeyPurpose } from '../identity/model.ts'
import { thumbprint } from '../identity/thumbprint.ts'
import type { Issuer } from '../issuer/model.ts'
import type { Hook } from '../issuer/steps.ts'
import type { ChainView } from '../ports/chain.ts'
import type { RegistryWriter } from '../ports/chainWriters.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signer, SignerKey } from '../ports/signing.ts'
import type { PrivateJwk, PublicJwk } from '../primitives/model.ts'
import { type CertifiedKey, readCertifiedKeys } from './certificates.ts'
import type { OpenChain } from './chain.ts'
import { departmentOf, type Home, inHome, secretOf } from './home.ts'

/** A department at work in this process. */
export type Department = {
  readonly name: string
  readonly did: string
  /** Original did:ethr address. */
  readonly address: string
  readonly configuration: DepartmentConfiguration
  readonly issuer: Issuer
  /**
   * What signs published status lists, and requests to wallets; undefined: there is no such key to use.
   * Read it for each use: `renewKeys` exchanges it.
   */
  readonly signers: { readonly status: Signer | undefined; readonly request: Signer | undefined }
  readonly store: Store
  readonly registry: RegistryWriter
  readonly keys: KeyStore
  /** Reads the registry anew; from now on the newest usable keys sign. */
  renewKeys(): Promise<void>
  /** Finishes what runs, then closes store and threads. */
  close(): Promise<void>
}

/** What a caller may set; the clock is for tests and `at` for the crash harness. */
export type OpenOptions = {
  readonly clock?: Clock
  readonly at?: Hook
  readonly threads?: number
  /** Where its status lists are published, unless the home names one base for all departments. */
  readonly statusBase?: string
}

/**
 * Opens a department with the newest keys that the registry lets it sign with, see `currentKey`.
 *
 * @throws {InputError} `configuration/missing` if the department or its assertion key was not set up yet; those
 *   of the key store and the store.
 * @throws {OutsideError} `store/locked` if another process has it open; those of the chain.
 */
export async function openDepartment(
  home: Home,
  chain: OpenChain,
  name: string,
  options: OpenOptions = {},
): Promise<Department> {
  const configuration = departmentOf(home, name)
  const { address } = configuration
  if (address === undefined) throw new InputError('configuration/missing', { department: name })
  const did = formatEthrDid(chain.deployment.identity.chainId, address)
  const keys = await openKeyStore(inHome(home, configuration.keys), secretOf(home))
  const account = await openAccount(keys)
  const store = await openStore(storeOf(home, configuration))
  const pool = createPool(options.threads)
  try {
    const signerOf = async (purpose: KeyPurpose) => {
      const view = await chain.cold.view()
      const certified = await readCertifiedKeys(home, name)
      const ofPurpose = certified.filter((key) => key.purpose === purpose)
      const { usable, newest } = await currentKey(view, ofPurpose, keys)
      // Only issuing goes on behind a key that ended, see `currentKey`.
      const found = usable ?? (purpose === 'assertion' ? newest : undefined)
      return (
        found && localSigner(signerKey(did, found.key, found.publicJwk), found.privateJwk, pool)
      )
    }
    const held = new Map<KeyPurpose, Signer>()
    const renewKeys = async () => {
      for (const purpose of ['assertion', 'status', 'request'] as const) {
        const newest = await signerOf(purpose)
        const known = held.get(purpose)?.key
        const isNew = newest?.key.thumbprint !== known?.thumbprint || newest?.key.kid !== known?.kid
        if (newest !== undefined && isNew) held.set(purpose, newest)
      }
    }
    await renewKeys()
    if (!held.has('assertion')) {
      throw new InputError('configuration/missing', { department: name, key: 'assertion' })
    }
    const signers = {
      get status() {
        return held.get('status')
      },
      get request() {
        return held.get('request')
      },
    }
    const statusBase =
      home.configuration.statusBase ?? options.statusBase ?? listsUnder(configuration)
    const issuer: Issuer = {
      department: { did, address, code: configuration.code },
      types: builtInTypes.filter(({ id }) => configuration.types.includes(id)),
      get signer() {
        return held.get('assertion')!
      },
      workers: createWorkers(pool),
      certificates: store.certificates,
      queue: store.queue,
      outbox: store.outbox,
      lists: store.lists,
      audit: store.audit,
      chain: chain.cold,
      writer: anchorWriter(chain.rpc, chain.deployment, account),
      clock: options.clock ?? (() => new Date()),
      ...(statusBase !== undefined && { statusBase }),
      ...(options.at && { at: options.at }),
    }
    return {
      name,
      did,
      address,
      configuration,
      issuer,
      signers,
      store,
      registry: registryWriter(chain.rpc, chain.deployment, account),
      keys,
      renewKeys,
      close: async () => {
        await pool.close()
        await store.close()
      },
    }
  } catch (error) {
    await pool.close()
    await store.close()
    throw error
  }
}

/** Where a department with an address of its own publishes its status lists. */
function listsUnder({ baseUrl }: DepartmentConfiguration): string | undefined {
  return baseUrl && `${baseUrl.replace(/\/$/, '')}/status-lists`
}

/** A chain account of a key store, the department's own by default. @throws {InputError} `key/unknown` */
export async function openAccount(keys: KeyStore, id = 'account') {
  const { d } = await keys.load(id, 'account')
  return accountOf(new Uint8Array(Buffer.from(d, 'base64url')))
}

/** Where the department keeps what it issues. @throws {InputError} `configuration/missing` */
export function storeOf(home: Home, { store }: DepartmentConfiguration): StoreConfig {
  if (store.kind === 'sqlite') return { kind: 'sqlite', path: inHome(home, store.path) }
  const url = process.env[store.urlFrom]
  if (!url) throw new InputError('configuration/missing', { variable: store.urlFrom })
  return { kind: 'postgres', url }
}

type FoundKey = { key: CertifiedKey; publicJwk: PublicJwk; privateJwk: PrivateJwk }

/**
 * The newest of some keys that is registered, not retired and not compromised, and the newest of all.
 * With an assertion key that ended nothing is issued (`issue/key-not-usable`), but certificates can still
 * be revoked, anchored, handed out and checked.
 *
 * @param certified oldest first.
 */
async function currentKey(
  view: ChainView,
  certified: readonly CertifiedKey[],
  keys: KeyStore,
): Promise<{ usable?: FoundKey; newest?: FoundKey }> {
  let newest: FoundKey | undefined
  let unnamed: FoundKey | undefined
  for (const key of certified.toReversed()) {
    const { d, ...publicJwk } = await keys.load(key.id, key.purpose)
    const record = await view.key(thumbprint(publicJwk))
    const found = { key, publicJwk, privateJwk: { ...publicJwk, d } }
    newest ??= found
    if (record === undefined || record.retiredAt || record.compromisedSince) continue
    if (key.kid !== undefined) return { usable: found, newest }
    // Another process is letting it in and has not published it yet: an older one, if there is one.
    unnamed ??= found
  }
  return { ...(unnamed && { usable: unnamed }), ...(newest && { newest }) }
}

function signerKey(
  did: string,
  { kid, purpose, x5c }: CertifiedKey,
  jwk: SignerKey['jwk'],
): SignerKey {
  return {
    did,
    kid: kid ?? `${did}#controller`,
    thumbprint: thumbprint(jwk),
    jwk,
    alg: 'ES256',
    purpose,
    x5c: x5c.map((text) => new Uint8Array(Buffer.from(text, 'base64'))),
  }
}
