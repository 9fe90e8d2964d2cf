import type { JsonObject } from '../../credential/model.ts'
import { InputError, TrustError } from '../../errors.ts'
import { audit } from './audit.ts'
import { type Issuance, kinds } from './model.ts'
import { changeOffer, forgetClaims, type Offer, offerOf } from './offer.ts'

/** States in which nothing more will come of an offer. */
const over: readonly Offer['state'][] = ['issued', 'dead', 'withdrawn', 'expired']

/**
 * What became of an offer.
 *
 * @throws {InputError} `offer/unknown`
 */
export async function requireOffer(issuance: Issuance, id: string): Promise<Offer> {
  const offer = await offerOf(issuance, id)
  if (offer === undefined) throw new InputError('offer/unknown')
  return offer
}

/**
 * Approves an offer that needs a second person; the wallet then gets the credential.
 *
 * @param by another person than the one who made it.
 * @throws {InputError} `offer/unknown`, `offer/not-waiting` if it needs no approval or has ended.
 * @throws {TrustError} `offer/needs-other-person`
 */
export async function approveOffer(issuance: Issuance, id: string, by: string): Promise<Offer> {
  const done = await changeOffer<InputError | TrustError>(issuance, id, (offer) => {
    if (offer === undefined) return { answer: new InputError('offer/unknown') }
    const isOpen = offer.needsApproval && !offer.approvedBy && !over.includes(offer.state)
    if (!isOpen) return { answer: new InputError('offer/not-waiting', { state: offer.state }) }
    if (offer.by === by) return { answer: new TrustError('offer/needs-other-person') }
    const state = offer.state === 'waiting' ? 'accepted' : offer.state
    return { to: { ...offer, state, approvedBy: by } }
  })
  if ('answer' in done) throw done.answer
  await audit(issuance, by, 'offer/approved', id)
  return done.to
}

/**
 * What a second person approves; nobody else needs to see it.
 *
 * @throws {InputError} `offer/unknown`, `offer/not-waiting` if it needs no approval, has it, or has ended.
 */
export async function claimsToApprove(issuance: Issuance, id: string): Promise<JsonObject> {
  const offer = await requireOffer(issuance, id)
  const { sessions, issuer, clock } = issuance
  const isOpen = offer.needsApproval && !offer.approvedBy && !over.includes(offer.state)
  const kept = await sessions.get(issuer.department.address, kinds.claims, id, clock())
  if (!isOpen || kept === undefined)
    throw new InputError('offer/not-waiting', { state: offer.state })
  return kept.value
}

/**
 * Ends an offer before anything was issued; its claims are deleted.
 *
 * @throws {InputError} `offer/unknown`, `offer/not-waiting` if it has ended.
 */
export async function withdrawOffer(issuance: Issuance, id: string, by: string): Promise<Offer> {
  const done = await changeOffer<InputError>(issuance, id, (offer) => {
    if (offer === undefined) return { answer: new InputError('offer/unknown') }
    if (over.includes(offer.state)) {
      return { answer: new InputError('offer/not-waiting', { state: offer.state }) }
    }
    return { to: { ...offer, state: 'withdrawn' } }
  })
  if ('answer' in done) throw done.answer
  await forgetClaims(issuance, id)
  await audit(issuance, by, 'offer/withdrawn', id)
  return done.to
}
