import { registryWriter } from '../adapters/chain/registryWriter.ts'
import { openKeyStore } from '../adapters/keys/store.ts'
import { InputError } from '../errors.ts'
import { formatEthrDid } from '../identity/did.ts'
import { openAuthority } from './authority.ts'
import type { OpenChain } from './chain.ts'
import { openAccount } from './department.ts'
import { departmentOf, type Home, inHome, secretOf } from './home.ts'
import type { KeyOwner } from './keys.ts'

/**
 * Opens a department for the registry and its keys only: it needs no store, so it works beside an
 * issuing process, and no usable assertion key, so it works after a compromise.
 *
 * @throws {InputError} `configuration/missing` if the department was not set up; those of the key store.
 */
export async function openKeyOwner(
  home: Home,
  chain: OpenChain,
  name: string,
  now: Date,
): Promise<KeyOwner> {
  const { address, keys: path, names } = departmentOf(home, name)
  if (address === undefined) throw new InputError('configuration/missing', { department: name })
  const keys = await openKeyStore(inHome(home, path), secretOf(home))
  const account = await openAccount(keys)
  return {
    home,
    chain,
    name,
    did: formatEthrDid(chain.deployment.identity.chainId, address),
    address,
    organisation: names.en,
    hostName: hostNameOf(home, name),
    keys,
    registry: registryWriter(chain.rpc, chain.deployment, account),
    authority: await openAuthority(home, now),
  }
}

/**
 * The DNS name that a department's service answers under: that of its base address, `localhost` for
 * this machine, also where its own chain runs and no address is configured; undefined for another IP
 * address.
 */
export function hostNameOf({ configuration }: Home, name: string): string | undefined {
  const base = configuration.departments[name]?.baseUrl
  if (base === undefined) return configuration.chain.rpc === undefined ? 'localhost' : undefined
  const { hostname } = new URL(base)
  if (/^127\.|^\[::1\]$/.test(hostname)) return 'localhost'
  return /^[\d.]+$|^\[/.test(hostname) ? undefined : hostname
}
