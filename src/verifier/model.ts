import type { PublicJwk } from '../credential/model.ts'
import type { Chain, LeafReader } from '../ports/chain.ts'
import type { Clock } from '../ports/clock.ts'

/** Whoever checks: what it reads from, and its clock. */
export type Verifier = {
  /** The chain that this verifier trusts. */
  readonly chain: Chain
  /** Leaves that this node keeps; without them a certificate must come with its proof. */
  readonly leaves?: LeafReader
  /**
   * Keys that a DID ever showed, retired ones too. The place need not be trusted: a key counts only if
   * DepartmentRegistry holds its thumbprint for that department.
   */
  readonly keysOf: (did: string) => Promise<readonly PublicJwk[]>
  readonly now: Clock
}
