/** Where a department keeps what it issues. */
export type StoreConfiguration =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly urlFrom: string }

/** Where the secret comes from that opens the key stores: never a value in the file itself. */
export type SecretConfiguration = { readonly file: string } | { readonly environment: string }

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
  /** Its key store. */
  readonly keys: string
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
  readonly departments: Readonly<Record<string, DepartmentConfiguration>>
}
