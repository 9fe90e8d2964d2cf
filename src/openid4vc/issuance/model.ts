import type { Labels } from '../../certificate/model.ts'
import type { JsonObject } from '../../credential/model.ts'
import type { Issuer } from '../../issuer/model.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SessionStore } from '../../ports/sessions.ts'
import type { Sealer } from '../presentation/model.ts'

/** Secures `ldp_vc`; without one the format is not offered. */
export type LinkedDataIssuer = {
  readonly cryptosuites: readonly string[]
  /**
   * Adds a proof to a VC 2.0 document in its own name, whoever its `issuer` was.
   *
   * @returns the same for the same document and time.
   */
  secure(document: JsonObject, created: Date): Promise<JsonObject>
}

/** A department as OpenID4VCI credential issuer and authorization server in one. */
export type Issuance = {
  readonly issuer: Issuer
  readonly sessions: SessionStore
  readonly sealer: Sealer
  /** Credential issuer identifier: no query, no fragment, with or without a path. */
  readonly baseUrl: URL
  readonly clock: Clock
  /** How wallets show the department. */
  readonly names: Labels
  /** Ids of certificate types that a second person approves before they are issued. */
  readonly fourEyes?: readonly string[]
  /** Ids of certificate types that are offered by the authorization code flow alone. */
  readonly logInOnly?: readonly string[]
  readonly linkedData?: LinkedDataIssuer
}

/** Kinds in the session store. */
export const kinds = {
  offer: 'vci-offer',
  claims: 'vci-claims',
  reference: 'vci-reference',
  preAuthorized: 'vci-pre-authorized',
  issuerState: 'vci-issuer-state',
  pushed: 'vci-pushed',
  code: 'vci-code',
  token: 'vci-token',
  nonce: 'vci-nonce',
  dpop: 'vci-dpop',
  key: 'vci-key',
} as const

/** Seconds that things live. */
export const lifetimes = {
  /** An offer until it is taken up, at most and by default. */
  offer: 300,
  pushed: 300,
  code: 60,
  token: 600,
  /** An access token for a certificate that waits for a second person. */
  waitingToken: 7 * 86_400,
  nonce: 300,
  /** What became of an offer. */
  state: 30 * 86_400,
  /** Who a key belongs to. */
  key: 400 * 86_400,
} as const

/** Proofs, and so copies, of one credential request at most. */
export const batchSize = 20

/** Guesses of a one-time code that are looked at for one offer. */
export const maximumGuesses = 5

/** Address of an endpoint. @param path without a leading slash. */
export function endpoint({ baseUrl }: Pick<Issuance, 'baseUrl'>, path: string): string {
  return `${issuerIdentifier({ baseUrl })}/${path}`
}

/** The credential issuer identifier and authorization server issuer, no slash at its end. */
export function issuerIdentifier({ baseUrl }: Pick<Issuance, 'baseUrl'>): string {
  return `${baseUrl.origin}${baseUrl.pathname.replace(/\/+$/, '')}`
}

/** The moment `seconds` after now. */
export function after({ clock }: Pick<Issuance, 'clock'>, seconds: number): Date {
  return new Date(clock().getTime() + seconds * 1000)
}
