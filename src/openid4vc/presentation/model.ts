import type { Json, JsonObject } from '../../credential/model.ts'
import type { Code } from '../../errors.ts'
import type { AuditStore } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SessionStore } from '../../ports/sessions.ts'
import type { Signer } from '../../ports/signing.ts'
import type { Outcome, Policy } from '../../verdict/model.ts'
import type { Verifier } from '../../verifier/model.ts'

/** How a verifier is named to wallets (OpenID4VP 1.0 section 5.9). */
export const clientIdPrefixes = [
  'x509_san_dns',
  'x509_hash',
  'decentralized_identifier',
  'redirect_uri',
] as const
export type ClientIdPrefix = (typeof clientIdPrefixes)[number]

/** How the wallet sends its answer (OpenID4VP 1.0 section 8.2 and 8.3). */
export const responseModes = ['direct_post', 'direct_post.jwt'] as const
export type ResponseMode = (typeof responseModes)[number]

/**
 * What became of a request. `answered`: an answer is being checked. `verified`: it is good and is what
 * was asked for. `refused`: the holder declined, or the answer is not good, or could not be checked;
 * the verdict says which.
 */
export const requestStates = [
  'waiting',
  'scanned',
  'answered',
  'verified',
  'refused',
  'expired',
] as const
export type RequestState = (typeof requestStates)[number]

/** Encrypts what must not lie readable in a store, under a key that the store does not hold. */
export type Sealer = {
  /** @param context what it is; the same must be named to open it. */
  seal(context: string, plain: Uint8Array): string
  /** @throws {TrustError} `key/not-authentic` */
  unseal(context: string, sealed: string): Uint8Array
}

/** A department that asks wallets, and what it asks with. */
export type RelyingParty = {
  /** Its address: the department in the session store. */
  readonly department: string
  /** Shown to the holder. */
  readonly name: string
  readonly verifier: Verifier
  readonly policyOf: (at: Date, question: Policy['question']) => Policy
  readonly sessions: SessionStore
  readonly audit: AuditStore
  readonly sealer: Sealer
  /** Of kind `request`; undefined: only the prefix `redirect_uri` can be used. */
  readonly signer: Signer | undefined
  /** What its addresses begin with. */
  readonly baseUrl: URL
  readonly clock: Clock
  /** Seconds that disclosed claims and verdict are kept; default 600. */
  readonly retentionSeconds?: number
}

/** A request as it is kept; no claim of anybody in it. */
export type PresentationTransaction = {
  /** SHA-256 of the handle in its addresses, 64 hex digits. */
  readonly id: string
  readonly version: number
  readonly expiresAt: Date
  readonly state: RequestState
  /** Every state that was stored, with its time; the last one is `state`. */
  readonly history: readonly { readonly state: RequestState; readonly at: Date }[]
  readonly answerBy: Date
  readonly prefix: ClientIdPrefix
  readonly mode: ResponseMode
  /** The full client identifier: audience of every answer. */
  readonly clientId: string
  readonly nonce: string
  /** OAuth `state`, fresh. */
  readonly stateParameter: string
  readonly purpose: string
  readonly dcql: Json
  readonly sameHolder: boolean
  /** Where the holder's browser goes back to; then the result needs the response code. */
  readonly redirectUri: string | undefined
  /** SHA-256 of the response code, hex. */
  readonly responseCodeHash: string | undefined
  /** For encrypted answers: public key and sealed private key. */
  readonly responseKey: { readonly publicJwk: JsonObject; readonly sealed: string } | undefined
  readonly outcome: Outcome | undefined
  /** Why it was refused, where the verdict does not say it. */
  readonly reason: Code | undefined
}

/** Kinds in the session store. */
export const kinds = { transaction: 'vp-request', result: 'vp-result' } as const
