import { isJsonObject, parseJson } from '../../credential/json.ts'
import type { Json } from '../../credential/model.ts'
import { isWeirError } from '../../errors.ts'
import { OAuthError } from '../oauthError.ts'
import type { Form } from './form.ts'

/** Which of an offer's credentials a wallet asks for, and whether it did so by authorization details. */
export type Wanted = { readonly configurations: readonly string[]; readonly hasDetails: boolean }

/**
 * Reads `authorization_details` or `scope`; neither: everything that was offered.
 *
 * @param offered ids of configurations.
 * @throws {OAuthError} `invalid_authorization_details`, `invalid_scope`
 * @see OpenID4VCI 1.0, sections 5.1.1, 5.1.2 and 6.1.1
 */
export function wantedFrom(form: Form, offered: readonly string[]): Wanted {
  if (form.authorization_details !== undefined) {
    const configurations = detailsOf(form.authorization_details)
    const isKnown = configurations.length > 0 && configurations.every((id) => offered.includes(id))
    if (!isKnown) throw badDetails()
    return { configurations: [...new Set(configurations)], hasDetails: true }
  }
  if (form.scope === undefined) return { configurations: offered, hasDetails: false }
  const scopes = form.scope.split(' ')
  // Values that are not understood are ignored (RFC 6749 section 3.3).
  const known = offered.filter((id) => scopes.includes(id))
  if (known.length === 0) {
    throw new OAuthError('invalid_scope', 'No scope value belongs to the credential offer.')
  }
  return { configurations: known, hasDetails: false }
}

function detailsOf(text: string): string[] {
  let details: Json
  try {
    details = parseJson(text, { maxLength: 8_192, maxDepth: 8 })
  } catch (cause) {
    if (isWeirError(cause)) throw badDetails(cause)
    throw cause
  }
  if (!Array.isArray(details) || details.length > 50) throw badDetails()
  return details.map((detail) => {
    if (!isJsonObject(detail) || detail.type !== 'openid_credential') throw badDetails()
    const { credential_configuration_id: id } = detail
    if (typeof id !== 'string') throw badDetails()
    return id
  })
}

function badDetails(cause?: unknown): OAuthError {
  return new OAuthError(
    'invalid_authorization_details',
    'The authorization details do not belong to the credential offer.',
    { cause },
  )
}
