/** Error codes of the specifications that the issuer's endpoints answer with. */
export type OAuthCode =
  // RFC 6749 sections 4.1.2.1 and 5.2
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'access_denied'
  // RFC 6750 section 3.1, RFC 9449 section 5, RFC 9396 section 5, RFC 9126 section 2.3
  | 'invalid_token'
  | 'invalid_dpop_proof'
  | 'invalid_authorization_details'
  // OpenID4VCI 1.0 sections 8.3.1.2, 9.3 and 11.3
  | 'invalid_credential_request'
  | 'unknown_credential_configuration'
  | 'unknown_credential_identifier'
  | 'invalid_proof'
  | 'invalid_nonce'
  | 'invalid_encryption_parameters'
  | 'credential_request_denied'
  | 'invalid_transaction_id'
  | 'invalid_notification_id'
  | 'invalid_notification_request'

/**
 * A refusal that a wallet reads: the registered code and one fixed sentence, never a value that was sent.
 * A route answers it as JSON (RFC 6749 section 5.2).
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  /** The body of the answer. */
  readonly errorResponse: { readonly error: OAuthCode; readonly error_description: string }
  /** HTTP status. */
  readonly status: 400 | 401
  /** Further header fields of the answer. */
  readonly headers: Readonly<Record<string, string>>

  /** @param more status 400 and no headers where nothing is said. */
  constructor(
    code: OAuthCode,
    description: string,
    more: {
      readonly status?: 400 | 401
      readonly headers?: Readonly<Record<string, string>>
      readonly cause?: unknown
    } = {},
  ) {
    super(code, more.cause === undefined ? undefined : { cause: more.cause })
    this.errorResponse = { error: code, error_description: description }
    this.status = more.status ?? 400
    this.headers = more.headers ?? {}
  }
}
