import type { KeyPurpose } from './model.ts'

/** A key and what its accreditor checked about it. */
export type KeyClaim = {
  readonly department: string
  /** RFC 7638 SHA-256 thumbprint, `0x` and 64 hex digits. */
  readonly thumbprint: string
  readonly purpose: KeyPurpose
  /** SHA-256 of the CA certificate's DER, `0x` and 64 hex digits. */
  readonly certificateHash: string
}

/** What a department's account, its accreditor's, or the administration may write about keys and records. */
export type SharedCall =
  | ({ readonly call: 'confirmKey' } & KeyClaim)
  | { readonly call: 'retireKey'; readonly thumbprint: string }
  /** `since` undefined: now. */
  | {
      readonly call: 'declareCompromised'
      readonly thumbprint: string
      readonly since: Date | undefined
    }
  /** `keep`: another record in force on which the department may go on anchoring. */
  | {
      readonly call: 'withdraw'
      readonly department: string
      readonly certificateType: string
      readonly index: number
      readonly keep: { readonly certificateType: string; readonly index: number } | undefined
    }
  | { readonly call: 'remove'; readonly department: string }

/** What one account writes by itself. */
export type RegistryCall =
  | SharedCall
  /** By the accreditor's account; `by` is its own record that allows it. */
  | {
      readonly call: 'register'
      readonly accreditor: string
      readonly by: { readonly certificateType: string; readonly index: number }
      readonly department: string
      readonly account: string
    }
  /** `from` undefined: now. */
  | {
      readonly call: 'accredit'
      readonly by: { readonly department: string; readonly index: number }
      readonly department: string
      readonly certificateType: string
      readonly rights: readonly ('issue' | 'accredit')[]
      readonly from: Date | undefined
      readonly until: Date
    }
  | { readonly call: 'requestRecovery'; readonly department: string; readonly account: string }
  /** By anybody: lets the department anchor until this record ends. */
  | {
      readonly call: 'refreshAccreditation'
      readonly department: string
      readonly certificateType: string
      readonly index: number
    }
  /** By the department's account. */
  | { readonly call: 'proposeAccount'; readonly department: string; readonly account: string }
  | { readonly call: 'acceptAccount'; readonly department: string }
  | ({ readonly call: 'proposeKey' } & KeyClaim)
  /** In ERC-1056, by the DID's own account: `publicKey` is 33 bytes, P-256, as `0x` hex. */
  | {
      readonly call: 'publishKey'
      readonly department: string
      readonly publicKey: string
      readonly validSeconds: number
    }

/** What needs k of n administrators. */
export type AdministrationCall =
  | SharedCall
  | { readonly call: 'registerRoot'; readonly department: string; readonly account: string }
  | {
      readonly call: 'grantRoot'
      readonly department: string
      readonly certificateType: string
      readonly rights: readonly ('issue' | 'accredit')[]
      readonly from: Date | undefined
      readonly until: Date
    }
  | { readonly call: 'recover'; readonly department: string; readonly account: string }
  | {
      readonly call: 'setAdministrators'
      readonly administrators: readonly string[]
      readonly threshold: number
    }

/** An operation of the administration. */
export type Operation = {
  readonly id: number
  readonly approvals: number
  /** When it may be executed; undefined: it lacks approvals. */
  readonly readyAt: Date | undefined
  readonly isClosed: boolean
}
