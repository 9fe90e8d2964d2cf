import type { AuditStore } from '../ports/audit.ts'
import type { Chain } from '../ports/chain.ts'
import type { RegistryWriter } from '../ports/chainWriters.ts'
import type { Clock } from '../ports/clock.ts'

/** A department as accreditor: plain data and its doors. */
export type Accreditor = {
  /** Original did:ethr address, lower-case `0x` hex. */
  readonly address: string
  readonly chain: Chain
  /** Writes from the accreditor's own account. */
  readonly registry: RegistryWriter
  /** Self-signed certificates of the authorities whose certificates on keys it accepts; DER. */
  readonly roots: readonly Uint8Array[]
  readonly audit: AuditStore
  readonly clock: Clock
  /** Who acts, for the audit log; default `accreditor`. */
  readonly actor?: string
}
