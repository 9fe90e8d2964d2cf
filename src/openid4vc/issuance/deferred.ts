import type { JsonObject } from '../../credential/model.ts'
import { OAuthError } from '../oauthError.ts'
import type { Access } from './access.ts'
import { configurationOf } from './configuration.ts'
import { answer, type CredentialAnswer, transactionId } from './credential.ts'
import type { Issuance } from './model.ts'
import { changeOffer, offerOf } from './offer.ts'
import { isEqual } from './secret.ts'

/**
 * Hands out what could not be handed out at once, for the keys of that request and with its access token.
 * Afterwards the transaction id counts no more; a wallet that lost the answer repeats its credential
 * request.
 *
 * @throws {OAuthError} `invalid_transaction_id`, `invalid_credential_request`, `credential_request_denied`
 * @see OpenID4VCI 1.0, section 9
 */
export async function requestDeferred(
  issuance: Issuance,
  access: Access,
  request: JsonObject,
): Promise<CredentialAnswer> {
  const { transaction_id: asked } = request
  if (typeof asked !== 'string') {
    throw new OAuthError('invalid_credential_request', 'A transaction_id is needed.')
  }
  if (request.credential_response_encryption !== undefined) {
    throw new OAuthError('invalid_encryption_parameters', 'Responses are not encrypted here.')
  }
  const offer = await offerOf(issuance, access.offer)
  if (offer?.state === 'withdrawn') {
    throw new OAuthError('credential_request_denied', 'The credential offer was withdrawn.')
  }
  const { handed } = offer ?? {}
  const id = access.configurations.find(
    (one) =>
      handed !== undefined &&
      !handed.collected.includes(one) &&
      isEqual(asked, transactionId(access, offer!, one)),
  )
  const configuration = id === undefined ? undefined : configurationOf(issuance, id)
  if (configuration === undefined) {
    throw new OAuthError('invalid_transaction_id', 'The transaction_id is unknown or was used.')
  }
  const answered = await answer(issuance, access, offer!, configuration)
  if (answered.status === 200) {
    await changeOffer<undefined>(issuance, access.offer, (now) =>
      now?.handed === undefined || now.handed.collected.includes(configuration.id)
        ? { answer: undefined }
        : {
            to: {
              ...now,
              handed: { ...now.handed, collected: [...now.handed.collected, configuration.id] },
            },
          },
    )
  }
  return answered
}
