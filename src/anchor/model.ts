/** One batch as AnchorRegistry keeps it, from its `Anchored` event. */
export type AnchorRecord = {
  readonly issuer: string
  /** From 1, without a gap. */
  readonly sequence: number
  /** Link of the batch before, zero before the first; 31 bytes as `0x` and 62 hex digits. */
  readonly previous: string
  /** `0x` and 64 hex digits; zero where the batch holds status changes only. */
  readonly root: string
  /** Leaves in the tree, padding included. */
  readonly size: number
  readonly block: number
  readonly time: Date
}

/** Where a leaf stands in its batch, RFC 9162 section 2.1.3. Hashes are 32 bytes. */
export type InclusionProof = {
  readonly sequence: number
  readonly index: number
  readonly size: number
  readonly path: readonly Uint8Array[]
}

/** A storage slot of a contract, both `0x` hex; the slot 32 bytes. */
export type StorageSlot = { readonly address: string; readonly slot: string }

/** Proofs as EIP-1186 returns them; all members `0x` hex. */
export type StateProof = {
  /** RLP of the block header; its keccak-256 is the block hash. */
  readonly header: string
  readonly accounts: readonly {
    readonly address: string
    readonly proof: readonly string[]
    readonly storage: readonly { readonly slot: string; readonly proof: readonly string[] }[]
  }[]
}
