import { fileURLToPath } from 'node:url'
import { districtConfiguration } from '../../src/configuration/district.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { withAddresses } from '../../src/wire/addresses.ts'
import { type OpenChain, openForeignChain, startLocalChain } from '../../src/wire/chain.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, type Home, inHome } from '../../src/wire/home.ts'
import { districtPlans, startProcesses } from '../../src/wire/processes.ts'
import { openRegistryLeaves } from '../../src/wire/registryLeaves.ts'
import { openVerifier } from '../../src/wire/verifier.ts'
import { closeConnections } from './ask.ts'
import type { Report } from './report.ts'

export const departmentNames = [
  'registration-centre',
  'market-regulator',
  'health-commission',
  'citizen-services',
] as const
export type DepartmentName = (typeof departmentNames)[number]

/** A district whose members run as processes of their own, and what anybody beside them has. */
export type District = {
  readonly home: Home
  /** Where each member and the registry node answer. */
  readonly urls: ReadonlyMap<string, string>
  urlOf(name: DepartmentName | 'city-accreditor' | 'registry'): string
  /** What everybody can read: the deployment file and an RPC address. */
  readonly chain: OpenChain
  /** Somebody who checks: the chain, and leaves at the registry node. */
  readonly verifier: Verifier
  close(): Promise<void>
}

const weir = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** Starts the chain of a home, sets the district up or continues it, and starts everybody. */
export async function openDistrict(path: string, report: Report): Promise<District> {
  const fresh = await withAddresses(await createHome(path, districtConfiguration()))
  const node = await startLocalChain(fresh, (notice) => report.say(`  ${JSON.stringify(notice)}`))
  if (node.kind === 'hardhat') report.say('  No anvil for this platform: this chain forgets.')
  const closers: (() => Promise<void> | void)[] = [() => node.stop()]
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    const { home, chain: setUp } = await setUpDistrict(fresh, new Date(), (step) =>
      report.say(`  ${step.step}${'name' in step ? ` ${step.name}` : ''}`),
    )
    setUp.close()
    report.say('  services')
    const command = [process.execPath, ...process.execArgv, weir]
    const processes = await startProcesses(home, command, districtPlans(home), ({ name, kind }) =>
      report.say(`  ${name} ${kind}`),
    )
    closers.push(() => processes.stop())
    const { urls } = processes
    const file = inHome(home, home.configuration.chain.deployment)
    const chain = await openForeignChain(file, node.url)
    closers.push(() => chain.close())
    const registry = openRegistryLeaves(urls.get('registry')!, chain)
    closers.push(() => registry.close())
    closers.push(closeConnections)
    const verifier = openVerifier(chain, { isWarm: true, leaves: registry.leaves })
    return { home, urls, urlOf: (name) => urls.get(name)!, chain, verifier, close }
  } catch (error) {
    await close()
    throw error
  }
}
