import type { JsonObject } from '../../credential/model.ts'
import { configurations, displayed, proofAlgorithms, supported } from './configuration.ts'
import { batchSize, endpoint, type Issuance, issuerIdentifier } from './model.ts'

/** The grant of OpenID4VCI 1.0 section 6.1. */
export const preAuthorizedGrant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** Credential issuer metadata, OpenID4VCI 1.0 section 12.2.4. */
export function issuerMetadata(issuance: Issuance): JsonObject {
  const address = (path: string) => endpoint(issuance, path)
  return {
    credential_issuer: issuerIdentifier(issuance),
    credential_endpoint: address('credential'),
    nonce_endpoint: address('nonce'),
    deferred_credential_endpoint: address('deferred-credential'),
    notification_endpoint: address('notification'),
    batch_credential_issuance: { batch_size: batchSize },
    display: displayed(issuance.names),
    credential_configurations_supported: Object.fromEntries(
      configurations(issuance).map((one) => [one.id, supported(one, issuance)]),
    ),
  }
}

/** Authorization server metadata, RFC 8414 section 2. */
export function authorizationServerMetadata(issuance: Issuance): JsonObject {
  const address = (path: string) => endpoint(issuance, path)
  return {
    issuer: issuerIdentifier(issuance),
    authorization_endpoint: address('authorize'),
    token_endpoint: address('token'),
    pushed_authorization_request_endpoint: address('par'),
    require_pushed_authorization_requests: true,
    authorization_response_iss_parameter_supported: true,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', preAuthorizedGrant],
    'pre-authorized_grant_anonymous_access_supported': true,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: [...proofAlgorithms],
    authorization_details_types_supported: ['openid_credential'],
    scopes_supported: configurations(issuance).map(({ id }) => id),
  }
}
