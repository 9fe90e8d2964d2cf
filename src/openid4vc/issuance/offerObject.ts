import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { preAuthorizedGrant } from './metadata.ts'
import { type Issuance, issuerIdentifier, kinds } from './model.ts'
import { offerOf } from './offer.ts'
import { derived, nameOf } from './secret.ts'

/** How a one-time code looks. */
export type TxCodeForm = {
  readonly inputMode: 'numeric' | 'text'
  /** 4 to 12 characters. */
  readonly length: number
  /** What the wallet says about it, at most 300 characters. */
  readonly description?: string
}

/**
 * The credential offer as a wallet reads it (OpenID4VCI 1.0 section 4.1.1).
 *
 * @param secret of the offer; code and issuer state are made from it.
 * @param grants `pre-authorized`, `authorization`.
 */
export function offerObject(
  issuer: string,
  configurations: readonly string[],
  secret: string,
  grants: readonly string[],
  form: TxCodeForm | undefined,
): JsonObject {
  const txCode: JsonObject | undefined = form && {
    input_mode: form.inputMode,
    length: form.length,
    ...(form.description !== undefined && { description: form.description }),
  }
  return {
    credential_issuer: issuer,
    credential_configuration_ids: [...configurations],
    grants: {
      ...(grants.includes('authorization') && {
        authorization_code: { issuer_state: derived(secret, 'issuer-state') },
      }),
      ...(grants.includes('pre-authorized') && {
        [preAuthorizedGrant]: {
          'pre-authorized_code': derived(secret, 'pre-authorized-code'),
          ...(txCode && { tx_code: txCode }),
        },
      }),
    },
  }
}

/**
 * The offer behind a reference, while it can be taken up.
 *
 * @throws {InputError} `offer/unknown`
 */
export async function offerByReference(issuance: Issuance, secret: string): Promise<JsonObject> {
  const { sessions, issuer, clock } = issuance
  const { address } = issuer.department
  const found = await sessions.get(address, kinds.reference, nameOf(secret), clock())
  const value = found?.value as { offer: string; form?: TxCodeForm; grants: string[] } | undefined
  const offer = value && (await offerOf(issuance, value.offer))
  if (offer?.state !== 'offered') throw new InputError('offer/unknown')
  const { configurations } = offer
  return offerObject(issuerIdentifier(issuance), configurations, secret, value!.grants, value!.form)
}
