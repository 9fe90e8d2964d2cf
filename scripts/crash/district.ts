import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { confirmKey, endKey } from '../../src/accreditor/keys.ts'
import { districtConfiguration } from '../../src/configuration/district.ts'
import type { PublicJwk } from '../../src/primitives/model.ts'
import { generateKeyPair } from '../../src/primitives/node.ts'
import { type OpenAccreditor, openAccreditor } from '../../src/wire/accreditor.ts'
import type { OpenChain } from '../../src/wire/chain.ts'
import { openDepartment } from '../../src/wire/department.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, type Home } from '../../src/wire/home.ts'
import { openKeyOwner } from '../../src/wire/keyOwner.ts'
import { addKey } from '../../src/wire/keys.ts'
import { type ChaosNode, startChaos } from '../../test/support/chaosRpc.ts'
import { type ChainHandle, startChainProcess } from './chain.ts'
import { departmentName } from './work.ts'

/** Chain id of the harness's chains. */
const chainId = 510_182
const accreditorName = 'city-accreditor'

/** One department and its accreditor on a chain that can be broken. */
export type CrashDistrict = {
  readonly home: Home
  readonly chain: OpenChain
  readonly node: ChainHandle
  /** Stands between the department and the chain. */
  readonly chaos: ChaosNode
  readonly holderKeys: readonly PublicJwk[]
  /** Opens the department in this process. */
  open(): ReturnType<typeof openDepartment>
  /** Declares a key compromised and gives the department the next one. */
  loseKey(thumbprint: string): Promise<void>
  /** Ends everything; the folder stays if it is to be looked at. */
  close(keep: boolean): Promise<void>
}

/** Sets a district up in a new folder. */
export async function openCrashDistrict(): Promise<CrashDistrict> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-crash-'))
  const directory = join(folder, 'chain', 'state')
  await mkdir(directory, { recursive: true })
  const node = await startChainProcess(directory, chainId)
  const chaos = await startChaos(node.url)
  const fresh = await createHome(folder, configuration(chaos.url))
  const { home, chain } = await setUpDistrict(fresh, new Date(), () => {})
  const accreditor = await openAccreditor(home, chain, accreditorName)
  return {
    home,
    chain,
    node,
    chaos,
    holderKeys: [generateKeyPair().publicJwk, generateKeyPair().publicJwk],
    open: () => openDepartment(home, chain, departmentName, { threads: 1 }),
    loseKey: (thumbprint) => loseKey(home, chain, accreditor, thumbprint),
    async close(keep) {
      await accreditor.close()
      chain.close()
      await chaos.close()
      await node.stop()
      if (!keep) await rm(folder, { recursive: true, force: true })
    },
  }
}

function configuration(rpc: string) {
  const { departments, ...rest } = districtConfiguration()
  const department = departments[departmentName]!
  // An accreditor for just these types is set up faster.
  const accreditor = { ...departments[accreditorName]!, types: department.types }
  return {
    ...rest,
    chain: { ...rest.chain, chainId, rpc },
    departments: { [accreditorName]: accreditor, [departmentName]: department },
  }
}

async function loseKey(
  home: Home,
  chain: OpenChain,
  { accreditor }: OpenAccreditor,
  thumbprint: string,
): Promise<void> {
  await endKey(accreditor, thumbprint, { kind: 'compromised' })
  const owner = await openKeyOwner(home, chain, departmentName, new Date())
  await addKey(owner, 'assertion', new Date(), (key) => confirmKey(accreditor, key))
}
