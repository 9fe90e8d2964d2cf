import type { InclusionProof } from '../anchor/model.ts'
import type { CertificateType } from '../certificate/model.ts'
import type { PublicJwk } from '../credential/model.ts'
import type { Clock } from '../ports/clock.ts'
import type { HolderStore } from '../ports/holder.ts'
import type { Signer } from '../ports/signing.ts'
import type { Verdict } from '../verdict/model.ts'

/** A wallet: what it keeps, its keys, and how it checks what it is given. */
export type Holder = {
  readonly store: HolderStore
  /** The signer whose key this is; undefined: not one of ours. */
  readonly signerFor: (key: PublicJwk) => Promise<Signer | undefined>
  /** The full verdict on a certificate, its question `certificate`. */
  readonly check: (token: string, proof: InclusionProof | undefined) => Promise<Verdict>
  /** Certificate types it knows: their fields' disclosure classes. */
  readonly types: readonly CertificateType[]
  readonly now: Clock
}
