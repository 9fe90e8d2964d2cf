import type { Accreditor } from '../accreditor/model.ts'
import { openFetch } from '../adapters/http/fetch.ts'
import type { DepartmentConfiguration } from '../configuration/model.ts'
import type { AuditStore } from '../ports/audit.ts'
import { openAccreditor } from './accreditor.ts'
import { type OpenChain, openChain } from './chain.ts'
import { departmentOf, type Home } from './home.ts'
import type { Hosted, ServiceOptions } from './service.ts'

/** An accreditor at work as a service in this process. */
export type AccreditorService = Hosted & {
  readonly home: Home
  readonly chain: OpenChain
  readonly accreditor: Accreditor
  readonly configuration: DepartmentConfiguration
  readonly audit: AuditStore
  close(): Promise<void>
}

/**
 * Opens an accreditor of a home as a service. It does not listen; `services/` does.
 *
 * @throws {InputError} `configuration/missing`; those of the key store and the store.
 * @throws {OutsideError} `store/locked` if another process has it open; those of the chain.
 */
export async function openAccreditorService(
  home: Home,
  name: string,
  options: ServiceOptions,
): Promise<AccreditorService> {
  const clock = options.clock ?? (() => new Date())
  const isDevelopment = options.isDevelopment === true
  const chain = await openChain(home, name)
  const http = openFetch({ origins: [...(options.origins ?? [])], isDevelopment })
  try {
    const { accreditor, close } = await openAccreditor(home, chain, name, clock)
    return {
      name,
      home,
      chain,
      accreditor,
      fetch: http.fetch,
      baseUrl: options.baseUrl,
      clock,
      configuration: departmentOf(home, name),
      isDevelopment,
      audit: accreditor.audit,
      probes: [],
      async close() {
        await http.close()
        await close()
        chain.close()
      },
    }
  } catch (error) {
    await http.close()
    chain.close()
    throw error
  }
}
