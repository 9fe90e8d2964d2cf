import type { Accreditor } from '../accreditor/model.ts'
import { registryWriter } from '../adapters/chain/registryWriter.ts'
import { openKeyStore } from '../adapters/keys/store.ts'
import { openStore } from '../adapters/storage/openStore.ts'
import { InputError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { openAuthority } from './authority.ts'
import type { OpenChain } from './chain.ts'
import { openAccount, storeOf } from './department.ts'
import { departmentOf, type Home, inHome, secretOf } from './home.ts'

/** An accreditor at work in this process. */
export type OpenAccreditor = { readonly accreditor: Accreditor; close(): Promise<void> }

/**
 * Opens an accreditor of this home.
 *
 * @throws {InputError} `configuration/missing` if it is none or was not set up; those of the stores.
 * @throws {OutsideError} `store/locked`
 */
export async function openAccreditor(
  home: Home,
  chain: OpenChain,
  name: string,
  clock: Clock = () => new Date(),
): Promise<OpenAccreditor> {
  const configuration = departmentOf(home, name)
  const { address, role } = configuration
  if (address === undefined || role !== 'accreditor') {
    throw new InputError('configuration/missing', { accreditor: name })
  }
  const keys = await openKeyStore(inHome(home, configuration.keys), secretOf(home))
  const account = await openAccount(keys)
  const { roots } = await (await openAuthority(home, clock())).trust(clock())
  const store = await openStore(storeOf(home, configuration))
  return {
    accreditor: {
      address,
      chain: chain.cold,
      registry: registryWriter(chain.rpc, chain.deployment, account),
      roots,
      audit: store.audit,
      clock,
      actor: name,
    },
    close: () => store.close(),
  }
}
