import { InputError } from '../../errors.ts'
import type { Home } from '../../wire/home.ts'
import type { RegistryOptions } from '../../wire/registry.ts'
import { isLoopback } from '../settings.ts'
import type { RegistryService } from './group.ts'

/** How one process of a registry node runs. */
export type RegistrySettings = {
  readonly home: Home
  readonly host: string
  readonly port: number
  /** Undefined: the loopback address it listens at. */
  readonly baseUrl: URL | undefined
  readonly isDevelopment: boolean
  readonly limits: NonNullable<RegistryService['limits']>
  readonly options: RegistryOptions
}

/** What the command line says. */
export type RegistryFlags = {
  readonly port?: number
  readonly baseUrl?: string
  readonly isDevelopment?: boolean
  /** `address=url` each. */
  readonly sources?: readonly string[]
}

const standardPort = 4100

/**
 * Reads how a registry node is served: `registry` of `weir.json`, the environment over it (`WEIR_HOST`,
 * `WEIR_PORT`, `WEIR_BASE_URL`, `WEIR_DEVELOPMENT=1`, `WEIR_RPC`, `WEIR_DEPLOYMENT`), the command line over
 * both. It is public, so it asks nobody who they are.
 *
 * @throws {InputError} `configuration/malformed` with the variable, `service/insecure-address`,
 *   `service/not-for-development`
 */
export function readRegistrySettings(
  home: Home,
  environment: NodeJS.ProcessEnv,
  flags: RegistryFlags = {},
): RegistrySettings {
  const { registry = {}, chain } = home.configuration
  const { WEIR_RPC: rpc = chain.rpc, WEIR_DEPLOYMENT: deployment = chain.deployment } = environment
  const isDevelopment = flags.isDevelopment ?? environment.WEIR_DEVELOPMENT === '1'
  const host = environment.WEIR_HOST ?? registry.host ?? '127.0.0.1'
  if (isDevelopment && !isLoopback(host)) {
    throw new InputError('service/not-for-development', { at: 'host' })
  }
  const address = flags.baseUrl ?? environment.WEIR_BASE_URL ?? registry.baseUrl
  const baseUrl = address === undefined ? undefined : urlOf(address, 'WEIR_BASE_URL')
  if (baseUrl?.protocol === 'http:' && !isLoopback(baseUrl.hostname)) {
    throw new InputError('service/insecure-address', { host: baseUrl.hostname })
  }
  const given = Object.entries(registry.sources ?? {})
  const said = (flags.sources ?? []).map(sourceOf)
  const { requestsPerMinute, concurrency, proxies } = registry
  return {
    home: {
      path: home.path,
      configuration: {
        ...home.configuration,
        chain: { ...chain, deployment, ...(rpc !== undefined && { rpc }) },
      },
    },
    host,
    port: flags.port ?? portOf(environment.WEIR_PORT) ?? registry.port ?? standardPort,
    baseUrl,
    isDevelopment,
    limits: {
      ...(isDevelopment && { requestsPerMinute: Number.MAX_SAFE_INTEGER }),
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(concurrency !== undefined && { concurrency }),
      ...(proxies !== undefined && { proxies }),
    },
    options: {
      sources: new Map([...given, ...said]),
      isDevelopment,
      ...(registry.store && { store: registry.store }),
    },
  }
}

function sourceOf(text: string): [string, string] {
  const at = text.indexOf('=')
  const address = text.slice(0, Math.max(0, at))
  if (!/^0x[0-9a-f]{40}$/.test(address)) throw malformed('--source')
  return [address, urlOf(text.slice(at + 1), '--source').href]
}

function urlOf(text: string, variable: string): URL {
  const url = URL.parse(text)
  const isGood = url !== null && /^https?:$/.test(url.protocol) && !/[\s@?#]/.test(text)
  if (!isGood) throw malformed(variable)
  return url
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw malformed('WEIR_PORT')
  return port
}

function malformed(variable: string): InputError {
  return new InputError('configuration/malformed', { variable })
}
