import type { AdministrationCall, Operation, RegistryCall } from '../identity/calls.ts'
import type { StatusChange } from '../status/model.ts'

/** What one call of AnchorRegistry writes. */
export type AnchorCall = {
  readonly issuer: string
  readonly sequence: number
  readonly previous: string
  /** `0x` and 64 hex digits, zero for status changes only. */
  readonly root: string
  readonly size: number
  readonly changes: readonly StatusChange[]
}

/** Bytes that are stored before they are sent, and sent again until the chain's state shows them. */
export type SignedTransaction = {
  readonly raw: string
  readonly hash: string
  readonly nonce: number
}

/** Writes anchors from one account, one transaction in flight. */
export interface AnchorWriter {
  /** Signs; sends nothing. @throws {OutsideError} `chain/unreachable`, `chain/would-revert` */
  prepare(call: AnchorCall): Promise<SignedTransaction>
  /** Sends the same bytes, as often as asked; a lost or refused reply says nothing about the chain. */
  send(transaction: SignedTransaction): Promise<void>
  /** The account's next nonce at the last final block. */
  nonce(): Promise<number>
  /** The issuer's newest batch at the newest block, which need not be final; sequence 0 where there is none. */
  latest(issuer: string): Promise<{ sequence: number; link: string }>
}

/**
 * Writes DepartmentRegistry from one account. Every method resolves once the state at a final block shows
 * the effect, at once where it does already, so that repeating a call after a crash is harmless.
 *
 * @throws {InputError} `registry/...` where the contract refuses.
 * @throws {OutsideError} `chain/not-final-yet`, `chain/unreachable`: it may still happen.
 * @throws {TrustError} `chain/wrong-chain`, `chain/wrong-code`
 */
export interface RegistryWriter {
  /** Lower-case `0x` hex. */
  readonly account: string
  write(call: RegistryCall): Promise<void>
  /** Proposes and approves; a call that this account proposed and that is open still is not proposed twice. */
  propose(call: AdministrationCall): Promise<Operation>
  approve(id: number): Promise<Operation>
  execute(id: number): Promise<void>
  operation(id: number): Promise<Operation | undefined>
}
