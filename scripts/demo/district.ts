import { districtConfiguration } from '../../src/configuration/district.ts'
import { leafReader } from '../../src/issuer/proof.ts'
import type { LeafReader } from '../../src/ports/chain.ts'
import type { Verifier } from '../../src/verifier/model.ts'
import { type OpenAccreditor, openAccreditor } from '../../src/wire/accreditor.ts'
import { type Authority, openAuthority } from '../../src/wire/authority.ts'
import { type OpenChain, startLocalChain } from '../../src/wire/chain.ts'
import { type Department, openDepartment } from '../../src/wire/department.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, type Home } from '../../src/wire/home.ts'
import { openVerifier } from '../../src/wire/verifier.ts'
import type { Report } from './report.ts'

export const departmentNames = [
  'registration-centre',
  'market-regulator',
  'health-commission',
  'citizen-services',
] as const
export type DepartmentName = (typeof departmentNames)[number]

/** The whole district in one process. */
export type District = {
  readonly home: Home
  readonly chain: OpenChain
  readonly accreditor: OpenAccreditor
  readonly authority: Authority
  /** Opened anew after a key was rotated. */
  readonly departments: Map<DepartmentName, Department>
  readonly verifier: Verifier
  /** Mines at once what was sent, so that nobody waits for the next block. */
  settle(): Promise<void>
  reopen(name: DepartmentName): Promise<Department>
  close(): Promise<void>
}

/** Starts the chain of a home, sets the district up or continues it, and opens everybody. */
export async function openDistrict(path: string, report: Report): Promise<District> {
  const fresh = await createHome(path, districtConfiguration())
  const node = await startLocalChain(fresh, (notice) => report.say(`  ${JSON.stringify(notice)}`))
  if (node.kind === 'hardhat') report.say('  No anvil for this platform: this chain forgets.')
  try {
    const { home, chain } = await setUpDistrict(fresh, new Date(), (step) =>
      report.say(`  ${step.step}${'name' in step ? ` ${step.name}` : ''}`),
    )
    const accreditor = await openAccreditor(home, chain, 'city-accreditor')
    const departments = new Map<DepartmentName, Department>()
    for (const name of departmentNames) {
      departments.set(name, await openDepartment(home, chain, name))
    }
    const readers = () => [...departments.values()].map(({ issuer }) => leafReader(issuer))
    return {
      home,
      chain,
      accreditor,
      authority: await openAuthority(home, new Date()),
      departments,
      verifier: openVerifier(chain, { isWarm: true, leaves: anyOf(readers) }),
      settle: () => node.settle(),
      async reopen(name) {
        await departments.get(name)!.close()
        const department = await openDepartment(home, chain, name)
        departments.set(name, department)
        return department
      },
      async close() {
        for (const department of departments.values()) await department.close()
        await accreditor.close()
        chain.close()
        await node.stop()
      },
    }
  } catch (error) {
    await node.stop()
    throw error
  }
}

/** The leaves of all departments in this process, as a mirror would hold them. */
function anyOf(readers: () => LeafReader[]): LeafReader {
  return {
    async proof(issuer, fingerprint) {
      for (const reader of readers()) {
        const proof = await reader.proof(issuer, fingerprint)
        if (proof !== undefined) return proof
      }
      return undefined
    },
  }
}
