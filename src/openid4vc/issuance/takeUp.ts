import { OAuthError } from '../oauthError.ts'
import { audit } from './audit.ts'
import { type Issuance, maximumGuesses } from './model.ts'
import { changeOffer, forgetClaims, type Offer } from './offer.ts'
import { isEqual } from './secret.ts'

/** One answer for every reason, so that it tells nothing about the offer. */
const refused = () => new OAuthError('invalid_grant', 'The code is not valid.')

/**
 * Takes an offer up: of all who try, in all processes, exactly one succeeds. A wrong one-time code is
 * counted before anybody learns that it is wrong; with the fifth the offer is dead.
 *
 * @param digest of the one-time code that was entered, and of the right one, under the same secret; both
 *   undefined where the offer has none.
 * @param to the offer's next state.
 * @throws {OAuthError} `invalid_grant`; `invalid_request` if a code is missing or not asked for.
 */
export async function takeUp(
  issuance: Issuance,
  id: string,
  digest: (offer: Offer) => { readonly entered?: string; readonly right?: string },
  to: 'authorized' | 'accepted',
): Promise<Offer> {
  const done = await changeOffer<OAuthError>(issuance, id, (offer) => {
    if (offer?.state !== 'offered') return { answer: refused() }
    const { entered, right } = digest(offer)
    if (entered === undefined && right === undefined) return { to: { ...offer, state: to } }
    if (right === undefined) {
      return { answer: new OAuthError('invalid_request', 'No tx_code belongs to this offer.') }
    }
    if (entered === undefined) {
      return { answer: new OAuthError('invalid_request', 'The tx_code is missing.') }
    }
    const guesses = offer.guesses + 1
    if (isEqual(entered, right)) return { to: { ...offer, guesses, state: to } }
    const state = guesses >= maximumGuesses ? 'dead' : 'offered'
    return { to: { ...offer, guesses, state } }
  })
  if ('answer' in done) throw done.answer
  if (done.to.state === to) return done.to
  if (done.to.state === 'dead') {
    await forgetClaims(issuance, id)
    await audit(issuance, 'wallet', 'offer/dead', id, { guesses: done.to.guesses })
  }
  throw refused()
}
