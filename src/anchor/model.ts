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
