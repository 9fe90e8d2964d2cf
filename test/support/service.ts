import { rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { districtConfiguration } from '../../src/configuration/district.ts'
import type {
  Configuration,
  DepartmentConfiguration,
  ServiceConfiguration,
} from '../../src/configuration/model.ts'
import { departmentApp } from '../../src/services/department/app.ts'
import { listen } from '../../src/services/listen.ts'
import { setUpDistrict } from '../../src/wire/district.ts'
import { createHome, type Home, saveHome } from '../../src/wire/home.ts'
import { openService, type Service, type ServiceOptions } from '../../src/wire/service.ts'
import { startSupervised, temporaryDirectory } from './chain.ts'

/** A set-up district on anvil with quick blocks, in a temporary home; set-up takes a few seconds. */
export type TestDistrict = {
  readonly home: Home
  /** JSON-RPC address of its chain. */
  readonly rpc: string
  /** Mines what waits until it is final. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Starts a district of the accreditor and these departments. */
export async function startTestDistrict(
  departments: readonly string[] = ['registration-centre'],
): Promise<TestDistrict> {
  const full = districtConfiguration()
  const kept = ['city-accreditor', ...departments]
  const members = Object.entries(full.departments).filter(([name]) => kept.includes(name))
  const node = await startSupervised({ chainId: full.chain.chainId })
  const path = await temporaryDirectory()
  const configuration: Configuration = {
    ...full,
    chain: { ...full.chain, rpc: node.url },
    departments: Object.fromEntries(members),
  }
  const close = async () => {
    await node.stop()
    await rm(node.directory, { recursive: true, force: true })
    await rm(path, { recursive: true, force: true })
  }
  try {
    const district = await setUpDistrict(
      await createHome(path, configuration),
      new Date(),
      () => undefined,
    )
    district.chain.close()
    return {
      home: district.home,
      rpc: node.url,
      settle: async () => void (await node.settle()),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** One department that listens on a free port of this machine. */
export type TestService = {
  readonly service: Service
  /** `http://127.0.0.1:<port>`, and the base address. */
  readonly url: string
  /** Asks the running service; a body that is no string goes as JSON. */
  ask(
    method: string,
    path: string,
    options?: {
      readonly body?: unknown
      readonly token?: string
      readonly headers?: Readonly<Record<string, string>>
    },
  ): Promise<Response>
  close(): Promise<void>
}

/**
 * Opens a department of a home and serves it, in the development profile unless told.
 *
 * @param configure members of the department's `service` configuration, such as tokens.
 */
export async function startTestService(
  home: Home,
  name: string,
  options: Partial<ServiceOptions> & { readonly configure?: ServiceConfiguration } = {},
): Promise<TestService> {
  const { configure, ...rest } = options
  const changed = configure === undefined ? home : await configured(home, name, configure)
  // The base address must be known before the service is opened, so a port is taken and kept.
  const listening = await listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(listening.server.address() as AddressInfo).port}`
  try {
    const service = await openService(changed, name, {
      baseUrl: new URL(url),
      isDevelopment: configure === undefined,
      threads: 1,
      ...rest,
    })
    listening.answer(departmentApp(service))
    return {
      service,
      url,
      ask: (method, path, { body, token, headers } = {}) =>
        fetch(new URL(path, url), {
          method,
          redirect: 'manual',
          headers: {
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...headers,
          },
          ...(body !== undefined && {
            body: typeof body === 'string' ? body : JSON.stringify(body),
          }),
        }),
      close: async () => {
        await listening.close()
        await service.close()
      },
    }
  } catch (error) {
    await listening.close()
    throw error
  }
}

function configured(home: Home, name: string, service: ServiceConfiguration): Promise<Home> {
  const { departments } = home.configuration
  const changed: DepartmentConfiguration = { ...departments[name]!, service }
  return saveHome(home, {
    ...home.configuration,
    departments: { ...departments, [name]: changed },
  })
}
