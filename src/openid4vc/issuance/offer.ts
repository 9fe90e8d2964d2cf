import type { JsonObject, PublicJwk } from '../../credential/model.ts'
import type { Session } from '../../ports/sessions.ts'
import { after, type Issuance, kinds, lifetimes } from './model.ts'

/**
 * What became of an offer. `offered`: a wallet may take it up; `authorized`: the resident has entered the
 * one-time code; `accepted`: a wallet has a token; `waiting`: for the approval of a second person;
 * `issued`: the wallet has every credential; `dead`: too many wrong guesses; `withdrawn`; `expired`.
 */
export const offerStates = [
  'offered',
  'authorized',
  'accepted',
  'waiting',
  'issued',
  'dead',
  'withdrawn',
  'expired',
] as const
export type OfferState = (typeof offerStates)[number]

/** What a wallet asked for: fixed with its first credential request. */
export type Handed = {
  /** RFC 7638 thumbprints of the holder keys, base64url, in the order of the copies. */
  readonly keys: readonly string[]
  readonly jwks: readonly PublicJwk[]
  /** Digests of the credential requests that were taken: the same one again needs no fresh nonce. */
  readonly requests: readonly string[]
  /** Configurations that were given for a transaction id, which then ended. */
  readonly collected: readonly string[]
}

/** An offer as it is kept: what a wallet may get, and no claim of anybody. */
export type Offer = {
  readonly id: string
  readonly version: number
  readonly state: OfferState
  /** Ids of configurations, all of one certificate type. */
  readonly configurations: readonly string[]
  /** Certificate identifier, the same in every format. */
  readonly certificate: string
  /** Digest of the type's documents when the claims were checked. */
  readonly typeDigest: string
  /** Digests of the one-time code under the pre-authorised code and under the issuer state. */
  readonly txCode?: { readonly byCode: string; readonly byState: string }
  readonly guesses: number
  readonly takeUpBy: Date
  readonly by: string
  readonly needsApproval: boolean
  readonly approvedBy?: string
  readonly handed?: Handed
  /** Fingerprints of what was issued, 64 hex digits each, by configuration. */
  readonly issued: Readonly<Record<string, readonly string[]>>
  /** What the wallet said last about each configuration. */
  readonly events: Readonly<Record<string, string>>
}

/** An offer by its id, expired or not. */
export async function offerOf(issuance: Issuance, id: string): Promise<Offer | undefined> {
  const { sessions, issuer, clock } = issuance
  const found = await sessions.get(issuer.department.address, kinds.offer, id, clock())
  return found && offerFrom(found, clock())
}

function offerFrom({ name, version, value }: Session, now: Date): Offer {
  const stored = value as unknown as Omit<Offer, 'id' | 'version' | 'takeUpBy'> & {
    takeUpBy: string
  }
  const takeUpBy = new Date(stored.takeUpBy)
  // The code that a log-in gives lives on for a moment.
  const end = takeUpBy.getTime() + (stored.state === 'authorized' ? lifetimes.code * 1000 : 0)
  const isOpen = stored.state === 'offered' || stored.state === 'authorized'
  const isOver = isOpen && end <= now.getTime()
  return { ...stored, state: isOver ? 'expired' : stored.state, takeUpBy, id: name, version }
}

/** An offer as the session store keeps it. */
export function offerSession(issuance: Issuance, offer: Offer): Session {
  const { id, version, ...value } = offer
  return {
    kind: kinds.offer,
    name: id,
    version,
    value: { ...value, takeUpBy: offer.takeUpBy.toISOString() } as unknown as JsonObject,
    expiresAt: after(issuance, lifetimes.state),
  }
}

/**
 * Changes an offer, judging it anew whenever somebody else was faster.
 *
 * @param change the offer as it shall be, or what to answer without a change; called again after each
 *   lost race, and nothing of an earlier call counts.
 * @returns the changed offer, or that answer.
 */
export async function changeOffer<T>(
  issuance: Issuance,
  id: string,
  change: (offer: Offer | undefined) => { readonly to: Offer } | { readonly answer: T },
): Promise<{ readonly to: Offer } | { readonly answer: T }> {
  const { sessions, issuer } = issuance
  for (;;) {
    const wanted = change(await offerOf(issuance, id))
    if ('answer' in wanted) return wanted
    const { to } = wanted
    const isOurs = await sessions.replace(issuer.department.address, offerSession(issuance, to))
    if (isOurs) return { to: { ...to, version: to.version + 1 } }
  }
}

/** The claims of an offer, while it has them. */
export async function claimsOf(issuance: Issuance, id: string): Promise<JsonObject | undefined> {
  const { sessions, issuer, clock } = issuance
  const found = await sessions.get(issuer.department.address, kinds.claims, id, clock())
  return found?.value
}

/** Deletes the claims of an offer that has ended. */
export async function forgetClaims(issuance: Issuance, id: string): Promise<void> {
  const { sessions, issuer, clock } = issuance
  await sessions.take(issuer.department.address, kinds.claims, id, clock())
}

/** Keeps the claims of an offer that was taken up until `expiresAt`. */
export async function keepClaims(issuance: Issuance, id: string, expiresAt: Date): Promise<void> {
  const { sessions, issuer, clock } = issuance
  const { address } = issuer.department
  const found = await sessions.get(address, kinds.claims, id, clock())
  if (found !== undefined) await sessions.replace(address, { ...found, expiresAt })
}
