import type { AccreditationChain } from '../accreditation/model.ts'
import type { AnchorRecord, InclusionProof, StateProof, StorageSlot } from '../anchor/model.ts'
import type { BlockRef, ChainIdentity, DepartmentRecord, KeyRecord } from '../identity/model.ts'

/** Who is who, at one block. */
export interface IdentityReader {
  department(address: string): Promise<DepartmentRecord | undefined>
  key(thumbprint: string): Promise<KeyRecord | undefined>
}

/** Who may issue which type, at one block; every record with the links it rests on. */
export interface AccreditationReader {
  accreditations(
    department: string,
    certificateType: string,
  ): Promise<readonly AccreditationChain[]>
}

/** What is anchored, at one block. */
export interface AnchorReader {
  /** The issuer's newest batch; sequence 0 and a zero link where there is none. */
  lastAnchor(issuer: string): Promise<{ sequence: number; link: string }>
  anchor(issuer: string, sequence: number): Promise<AnchorRecord | undefined>
}

/** Status words, at one block. */
export interface StatusReader {
  statusWord(issuer: string, list: number, word: number): Promise<bigint>
}

/** The chain at one final block: everything read through it is true at `block`. */
export interface ChainView extends IdentityReader, AccreditationReader, AnchorReader, StatusReader {
  readonly block: BlockRef
}

/** A chain that is who the deployment file says. */
export interface Chain {
  readonly identity: ChainIdentity
  /**
   * The last final block, or the last final one at or before `at`.
   *
   * @throws {OutsideError} `chain/unreachable`, `chain/behind`.
   * @throws {TrustError} `chain/wrong-chain` where chain id, genesis or code differ from the deployment file.
   */
  view(at?: Date): Promise<ChainView>
  /** Account and storage proofs of `slots` under the last final block's header (EIP-1186). */
  prove(slots: readonly StorageSlot[]): Promise<StateProof>
}

/** Leaves of a batch that this node keeps, mirrored and checked against the chain. */
export interface LeafReader {
  proof(issuer: string, fingerprint: Uint8Array): Promise<InclusionProof | undefined>
  /**
   * Whether the leaves of every batch up to `sequence` are kept, so that a fingerprint not found was not
   * anchored. Where nobody can say (undefined), a missing proof stays unknown.
   */
  holdsUpTo?(issuer: string, sequence: number): Promise<boolean | undefined>
}
