import type { InclusionProof } from '../anchor/model.ts'

/** What a holder keeps. */
export type HeldRecord = {
  /** Fingerprint, hex. */
  readonly id: string
  readonly token: string
  readonly proof: InclusionProof | undefined
  readonly receivedAt: Date
}

export interface HolderStore {
  put(record: HeldRecord): Promise<void>
  get(id: string): Promise<HeldRecord | undefined>
  list(): Promise<HeldRecord[]>
  remove(id: string): Promise<void>
}
