import type { JsonObject } from '../../credential/model.ts'
import { OAuthError } from '../oauthError.ts'
import type { Access } from './access.ts'
import { audit } from './audit.ts'
import { notificationId } from './credential.ts'
import type { Issuance } from './model.ts'
import { changeOffer } from './offer.ts'
import { isEqual } from './secret.ts'

const events = ['credential_accepted', 'credential_failure', 'credential_deleted']

/**
 * Notes what became of a credential in the wallet. What the wallet adds in words is not kept: it may tell
 * about a person. Sent again it changes nothing.
 *
 * @throws {OAuthError} `invalid_notification_request`, `invalid_notification_id`
 * @see OpenID4VCI 1.0, section 11
 */
export async function notify(
  issuance: Issuance,
  access: Access,
  request: JsonObject,
): Promise<void> {
  const { notification_id: asked, event, event_description: words } = request
  const isRead =
    typeof asked === 'string' &&
    typeof event === 'string' &&
    events.includes(event) &&
    (words === undefined || typeof words === 'string')
  if (!isRead) {
    throw new OAuthError(
      'invalid_notification_request',
      'A notification_id and one of the three events are needed.',
    )
  }
  const id = access.configurations.find((one) => isEqual(asked, notificationId(access.offer, one)))
  const done = await changeOffer<boolean>(issuance, access.offer, (offer) => {
    if (id === undefined || offer === undefined || !(id in offer.issued)) return { answer: false }
    if (offer.events[id] === event) return { answer: true }
    return { to: { ...offer, events: { ...offer.events, [id]: event } } }
  })
  if ('answer' in done) {
    if (done.answer) return
    throw new OAuthError('invalid_notification_id', 'The notification_id is unknown.')
  }
  await audit(issuance, 'wallet', `offer/${event.replace('_', '-')}`, access.offer)
}
