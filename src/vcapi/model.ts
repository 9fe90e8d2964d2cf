import type { JsonObject } from '../credential/model.ts'
import type { Code, Detail } from '../errors.ts'
import type { Issuer } from '../issuer/model.ts'
import type { Clock } from '../ports/clock.ts'
import type { Integrity } from '../ports/integrity.ts'
import type { SessionStore } from '../ports/sessions.ts'
import type { Status } from '../status/model.ts'
import type { Verifier } from '../verifier/model.ts'

/**
 * Where the status of somebody else's credential comes from.
 *
 * @param named the one entry: `{ credentialStatus }` of the data model, or `{ status }` of an SD-JWT VC.
 */
export type ForeignStatusReader = (named: JsonObject, issuer: string) => Promise<Status | undefined>

/** A department as issuer, verifier and holder of any W3C credential. */
export type VcApi = {
  readonly integrity: Integrity
  readonly issuer: Issuer
  readonly verifier: Verifier
  readonly sessions: SessionStore
  readonly clock: Clock
  /** Without it the status of foreign credentials is a warning. */
  readonly readForeignStatus?: ForeignStatusReader
}

/** Something that was found, and where. */
export type Finding = { readonly code: Code; readonly detail: Detail }

/** What came of a verification. */
export type Verification = {
  /** Whether there is no error. */
  readonly verified: boolean
  /** What was looked at, in the words of the VC-API. */
  readonly checks: readonly string[]
  readonly errors: readonly Finding[]
  /** What this API does not ask and a verdict would: anchor, accreditation, what could not be read. */
  readonly warnings: readonly Finding[]
}

/** What a verifier asks beside whether it is good; what is left out is not asked. */
export type Question = {
  readonly challenge?: string
  readonly domain?: string
  readonly expectedProofPurpose?: string
}
