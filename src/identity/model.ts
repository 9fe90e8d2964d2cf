/** What a department's key may be used for; DepartmentRegistry stores it as 1, 2, 3. */
export type KeyPurpose = 'assertion' | 'status' | 'request'

/** A department as DepartmentRegistry keeps it. Addresses are lower-case `0x` hex. */
export type DepartmentRecord = {
  /** The original did:ethr address, its name for life. */
  readonly department: string
  /** The account that may write for it now. */
  readonly account: string
  /** Who confirms its keys; undefined for a root, whose keys the administration confirms. */
  readonly accreditor: string | undefined
  readonly registeredAt: Date
  readonly removedAt: Date | undefined
}

/** One key window; append-only on the chain. */
export type KeyRecord = {
  readonly department: string
  /** RFC 7638 SHA-256 thumbprint, `0x` and 64 hex digits. */
  readonly thumbprint: string
  readonly purpose: KeyPurpose
  /** SHA-256 of the CA certificate's DER, `0x` and 64 hex digits. */
  readonly certificateHash: string
  readonly validFrom: Date
  /** Set by retirement or by a recovery, whichever came first. */
  readonly retiredAt: Date | undefined
  readonly compromisedSince: Date | undefined
}

/** A block, as a point in the chain's history. */
export type BlockRef = { readonly number: number; readonly hash: string; readonly time: Date }

/** What makes a chain this chain and no other; from the deployment file. */
export type ChainIdentity = {
  readonly chainId: number
  readonly genesisHash: string
  readonly contracts: {
    readonly didRegistry: string
    readonly departmentRegistry: string
    readonly anchorRegistry: string
    readonly statusRegistry: string
  }
  /** keccak-256 of each contract's runtime code. */
  readonly codeHashes: ChainIdentity['contracts']
}
