/** Where a department keeps what it issues. */
export type StoreConfiguration =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly urlFrom: string }

/** Where the secret comes from that opens the key stores: never a value in the file itself. */
export type SecretConfiguration = { readonly file: string } | { readonly environment: string }

/** What somebody may do with a department's service. */
export type Role = 'clerk' | 'reviewer' | 'approver' | 'keymaster' | 'auditor' | 'operator'

/** Every role, in the order of a certificate's life. */
export const roles: readonly Role[] = [
  'clerk',
  'reviewer',
  'approver',
  'keymaster',
  'auditor',
  'operator',
]

/** A bearer token that its service knows by its digest only. */
export type TokenConfiguration = {
  /** Who acts with it, for the audit log: a system or a post, no person's name. */
  readonly name: string
  readonly roles: readonly Role[]
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string
  /** Absent: until it is removed. RFC 3339. */
  readonly until?: string
}

/** A login service whose access tokens (JWT, RFC 9068) are accepted. */
export type OidcConfiguration = {
  readonly issuer: string
  /** What `aud` must hold. */
  readonly audience: string
  /** Absent: as the issuer's discovery document says. */
  readonly jwksUri?: string
  /** Claim that holds roles, as an array or separated by spaces; default `roles`. */
  readonly rolesClaim?: string
}

/** How a department's service runs. */
export type ServiceConfiguration = {
  /** Default 127.0.0.1: a proxy of the same machine stands before it. */
  readonly host?: string
  /** 0: any free one. */
  readonly port?: number
  /** Proxies in front of it whose `X-Forwarded-For` is believed; default 0. */
  readonly proxies?: number
  /** Requests a minute from one address; default 6000. */
  readonly requestsPerMinute?: number
  /** Requests worked on at once; default 256. */
  readonly concurrency?: number
  /**
   * Origins that it reaches wherever they are, inside the own network too: the department's systems that
   * hear webhooks, a login server. Everything else that it asks must be public.
   */
  readonly origins?: readonly string[]
  readonly tokens?: readonly TokenConfiguration[]
  readonly oidc?: OidcConfiguration
  /** Who confirms its keys, if not the accreditor of this home; `tokenFrom`: a variable's name. */
  readonly accreditor?: { readonly url: string; readonly tokenFrom: string }
  /**
   * Ids of certificate types that two people issue and suspend, and of which a wallet's offer needs the
   * approval of a second person. Revoking takes two for every type.
   */
  readonly fourEyes?: readonly string[]
  /** Ids of certificate types that a wallet gets by the authorization code flow alone. */
  readonly logInOnly?: readonly string[]
}

/** One department as this installation runs it; paths are relative to the home folder. */
export type DepartmentConfiguration = {
  readonly names: { readonly en: string; readonly zh: string }
  /** Original did:ethr address, `0x` and 40 lower-case hex digits; absent until it was created. */
  readonly address?: string
  /** Unified social credit code. */
  readonly code: string
  readonly role: 'department' | 'accreditor'
  /** Ids of the certificate types that it issues, or as accreditor accredits for. */
  readonly types: readonly string[]
  readonly store: StoreConfiguration
  /** Address that its service answers under; absent: it serves nobody outside. */
  readonly baseUrl?: string
  /** Its key store. */
  readonly keys: string
  readonly service?: ServiceConfiguration
}

/** How a registry node runs; it is public, so it knows no tokens. */
export type RegistryConfiguration = Pick<
  ServiceConfiguration,
  'host' | 'port' | 'proxies' | 'requestsPerMinute' | 'concurrency'
> & {
  readonly baseUrl?: string
  /** Default: SQLite, `registry/store.sqlite` in the home folder. */
  readonly store?: StoreConfiguration
  /** Where departments of other installations serve their leaf files, by their address. */
  readonly sources?: Readonly<Record<string, string>>
}

/** One installation: `weir.json` in its home folder. */
export type Configuration = {
  readonly version: 1
  readonly chain: {
    /** JSON-RPC address; absent: the local chain under `chain/`. */
    readonly rpc?: string
    readonly chainId: number
    /** Deployment file. */
    readonly deployment: string
    /** Port of the local chain. */
    readonly port?: number
  }
  readonly secret: SecretConfiguration
  /** Base address of published status lists; absent: none are named in certificates. */
  readonly statusBase?: string
  /** The registry node of this installation. */
  readonly registry?: RegistryConfiguration
  readonly departments: Readonly<Record<string, DepartmentConfiguration>>
}
