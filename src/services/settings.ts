import type {
  Configuration,
  DepartmentConfiguration,
  ServiceConfiguration,
} from '../configuration/model.ts'
import { InputError } from '../errors.ts'
import { departmentOf, type Home } from '../wire/home.ts'

/** How one process of a service runs: `weir.json`, the environment over it, the command line over both. */
export type Settings = {
  readonly home: Home
  readonly name: string
  readonly host: string
  readonly port: number
  /** Undefined: the loopback address it listens at. */
  readonly baseUrl: URL | undefined
  readonly isDevelopment: boolean
  readonly logLevel: string
}

/** What the command line says. */
export type Flags = {
  readonly port?: number
  readonly baseUrl?: string
  readonly isDevelopment?: boolean
}

const levels = ['debug', 'info', 'warn', 'error', 'silent']

/** The standard port. */
const standardPort = 4000

/**
 * Reads how a department is served, and refuses what would leave it open or unsafe.
 *
 * Variables: `WEIR_HOST`, `WEIR_PORT`, `WEIR_BASE_URL`, `WEIR_DEVELOPMENT=1`, `WEIR_LOG_LEVEL`, `WEIR_RPC`
 * and `WEIR_DEPLOYMENT` (the chain), `WEIR_OIDC_ISSUER` with `WEIR_OIDC_AUDIENCE`.
 *
 * @throws {InputError} `configuration/missing`, `configuration/malformed` with the variable or member;
 *   `service/no-authentication` if nobody could be told apart, `service/not-for-development`,
 *   `service/insecure-address`.
 */
export function readSettings(
  home: Home,
  name: string,
  environment: NodeJS.ProcessEnv,
  flags: Flags = {},
): Settings {
  const isDevelopment = flags.isDevelopment ?? environment.WEIR_DEVELOPMENT === '1'
  const service = withLogin(departmentOf(home, name).service ?? {}, environment)
  const host = environment.WEIR_HOST ?? service.host ?? '127.0.0.1'
  const port = flags.port ?? portOf(environment.WEIR_PORT) ?? service.port ?? standardPort
  const address = flags.baseUrl ?? environment.WEIR_BASE_URL ?? departmentOf(home, name).baseUrl
  const settings: Settings = {
    home: changed(home, name, service, environment),
    name,
    host,
    port,
    baseUrl: address === undefined ? undefined : baseUrlOf(address),
    isDevelopment,
    logLevel: levelOf(environment.WEIR_LOG_LEVEL),
  }
  refuseUnsafe(settings, service)
  return settings
}

function refuseUnsafe(
  { isDevelopment, host, baseUrl, home }: Settings,
  { tokens = [], oidc }: ServiceConfiguration,
): void {
  if (isDevelopment) {
    const { rpc } = home.configuration.chain
    if (!isLoopback(host)) throw new InputError('service/not-for-development', { at: 'host' })
    if (rpc !== undefined && !isLoopback(new URL(rpc).hostname)) {
      throw new InputError('service/not-for-development', { at: 'chain' })
    }
    return
  }
  if (tokens.length === 0 && oidc === undefined) throw new InputError('service/no-authentication')
  for (const url of [
    baseUrl,
    oidc && new URL(oidc.issuer),
    oidc?.jwksUri && new URL(oidc.jwksUri),
  ]) {
    if (url && url.protocol !== 'https:' && !isLoopback(url.hostname)) {
      throw new InputError('service/insecure-address', { host: url.hostname })
    }
  }
}

/** Whether a host is this machine. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '[::1]' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
  )
}

function withLogin(
  service: ServiceConfiguration,
  { WEIR_OIDC_ISSUER: issuer, WEIR_OIDC_AUDIENCE: audience }: NodeJS.ProcessEnv,
): ServiceConfiguration {
  if (issuer === undefined && audience === undefined) return service
  const oidc = { ...service.oidc, ...(issuer && { issuer }), ...(audience && { audience }) }
  if (oidc.issuer === undefined || oidc.audience === undefined) {
    throw missing(issuer === undefined ? 'WEIR_OIDC_ISSUER' : 'WEIR_OIDC_AUDIENCE')
  }
  if (!/^https?:\/\/[^\s@]+$/.test(oidc.issuer)) throw malformed('WEIR_OIDC_ISSUER')
  return { ...service, oidc: { ...oidc, issuer: oidc.issuer, audience: oidc.audience } }
}

function changed(
  home: Home,
  name: string,
  service: ServiceConfiguration,
  { WEIR_RPC: rpc, WEIR_DEPLOYMENT: deployment }: NodeJS.ProcessEnv,
): Home {
  if (rpc !== undefined && !/^https?:\/\/[^\s@]+$/.test(rpc)) throw malformed('WEIR_RPC')
  const { chain, departments } = home.configuration
  const department: DepartmentConfiguration = { ...departmentOf(home, name), service }
  const configuration: Configuration = {
    ...home.configuration,
    chain: { ...chain, ...(rpc && { rpc }), ...(deployment && { deployment }) },
    departments: { ...departments, [name]: department },
  }
  return { path: home.path, configuration }
}

function baseUrlOf(text: string): URL {
  const url = URL.parse(text)
  const isGood = url !== null && /^https?:$/.test(url.protocol) && !/[\s@?#]/.test(text)
  if (!isGood) throw malformed('WEIR_BASE_URL')
  return url
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw malformed('WEIR_PORT')
  return port
}

function levelOf(text = 'info'): string {
  if (!levels.includes(text)) throw malformed('WEIR_LOG_LEVEL')
  return text
}

function missing(variable: string): InputError {
  return new InputError('configuration/missing', { variable })
}

function malformed(variable: string): InputError {
  return new InputError('configuration/malformed', { variable })
}

/** What a service will do, for people: no digest of a token, no address with a password. */
export function printed({ home, name, baseUrl, ...rest }: Settings): Record<string, unknown> {
  const { chain, departments } = home.configuration
  const { address, role, types, store, service = {} } = departments[name]!
  const { tokens = [], host: _host, port: _port, ...others } = service
  return {
    department: name,
    address,
    role,
    types,
    ...rest,
    baseUrl: baseUrl?.href ?? 'where it listens',
    chain,
    store: store.kind === 'sqlite' ? store : { kind: store.kind, urlFrom: store.urlFrom },
    service: {
      ...others,
      tokens: tokens.map((token) => ({ ...token, sha256: '(redacted)' })),
    },
  }
}
