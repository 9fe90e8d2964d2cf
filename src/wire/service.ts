import { openIntegrity } from '../adapters/dataIntegrity/open.ts'
import { openFetch } from '../adapters/http/fetch.ts'
import { inflate } from '../adapters/http/inflate.ts'
import { openIntegritySigner } from '../adapters/keys/integritySigner.ts'
import { builtInTypes } from '../certificate/types.ts'
import type { DepartmentConfiguration } from '../configuration/model.ts'
import type { AuditStore } from '../ports/audit.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { Inflate } from '../ports/inflate.ts'
import type { Integrity } from '../ports/integrity.ts'
import type { SessionStore } from '../ports/sessions.ts'
import type { Verifier } from '../verifier/model.ts'
import { type OpenChain, openChain } from './chain.ts'
import { type Department, openDepartment } from './department.ts'
import { departmentOf, type Home } from './home.ts'
import { serviceLeaves } from './serviceLeaves.ts'
import { openVerifier } from './verifier.ts'
import { openWallet, type Wallet, walletOfDepartment } from './wallet.ts'

/** A condition without which a service should get no requests. */
export type Probe = {
  /** Lower-case letters and hyphens. */
  readonly name: string
  /** Whether it holds now; what it throws counts as no. */
  readonly check: () => Promise<boolean>
}

/** What every service has, whomever it serves. */
export type Hosted = {
  readonly name: string
  readonly fetch: Fetch
  /** Where others reach it; every address that it publishes begins with this. */
  readonly baseUrl: URL
  readonly clock: Clock
  readonly configuration: Pick<DepartmentConfiguration, 'names' | 'service'>
  /** Open to everybody on this machine, for trying and developing. */
  readonly isDevelopment: boolean
  /** Who did what; absent where there is nothing to do but read. */
  readonly audit?: AuditStore
  /** What must hold for it to be ready; route groups add theirs. */
  readonly probes: Probe[]
}

/** One department at work as a service in this process: plain data and its doors. */
export type Service = Hosted & {
  readonly home: Home
  readonly chain: OpenChain
  readonly department: Department
  readonly verifier: Verifier
  /** The department's own wallet, for a holder without a screen. */
  readonly holder: Wallet
  readonly sessions: SessionStore
  readonly audit: AuditStore
  /** Opens published status lists, up to a bound. */
  readonly inflate: Inflate
  /** Data Integrity proofs with this service's own did:key. */
  readonly integrity: Integrity
  /** As the department's: read it for each use. */
  readonly signers: Department['signers']
  readonly configuration: DepartmentConfiguration
  /** Finishes what runs, then closes all of it. */
  close(): Promise<void>
}

/** How a service is opened. */
export type ServiceOptions = {
  readonly baseUrl: URL
  readonly isDevelopment?: boolean
  readonly clock?: Clock
  /** Origins that are reached wherever they are, beside the base addresses of the home's departments. */
  readonly origins?: readonly string[]
  readonly threads?: number
}

/**
 * Opens one department of a home as a service. It does not listen; `services/` does.
 *
 * @throws {InputError} `configuration/missing`; those of the key store and the store.
 * @throws {OutsideError} `store/locked` if another process has it open; those of the chain.
 */
export async function openService(
  home: Home,
  name: string,
  options: ServiceOptions,
): Promise<Service> {
  const clock = options.clock ?? (() => new Date())
  const closers: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    const isAlone = departmentOf(home, name).store.kind === 'sqlite'
    const chain = await openChain(home, isAlone ? name : undefined)
    closers.push(() => chain.close())
    const { threads } = options
    const department = await openDepartment(home, chain, name, {
      clock,
      statusBase: `${options.baseUrl.href.replace(/\/$/, '')}/status-lists`,
      ...(threads !== undefined && { threads }),
    })
    closers.push(() => department.close())
    const isDevelopment = options.isDevelopment === true
    const { oidc, accreditor, origins: named = [] } = departmentOf(home, name).service ?? {}
    const others = [oidc?.issuer, oidc?.jwksUri, accreditor?.url].flatMap((url) =>
      url ? new URL(url).origin : [],
    )
    const origins = [...originsOf(home), ...others, ...named, ...(options.origins ?? [])]
    const http = openFetch({ origins, isDevelopment })
    closers.push(() => http.close())
    const leaves = serviceLeaves(home, department, chain.cold, http.fetch)
    const verifier = openVerifier(chain, { isWarm: true, clock, leaves })
    const holder = await openWallet(home, chain, verifier, walletOfDepartment(name), clock)
    closers.push(() => holder.close())
    return {
      name,
      home,
      chain,
      department,
      verifier,
      holder,
      sessions: department.store.sessions,
      audit: department.store.audit,
      inflate,
      integrity: openIntegrity(await openIntegritySigner(department.keys), builtInTypes),
      fetch: http.fetch,
      signers: department.signers,
      baseUrl: options.baseUrl,
      clock,
      configuration: departmentOf(home, name),
      isDevelopment,
      probes: [],
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function originsOf({ configuration }: Home): string[] {
  const { departments, registry } = configuration
  const members = [...Object.values(departments), ...(registry ? [registry] : [])]
  const addresses = members.flatMap(({ baseUrl }) => baseUrl ?? [])
  return [...new Set(addresses.map((address) => new URL(address).origin))]
}
