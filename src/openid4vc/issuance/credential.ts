import { sha256Base64url } from '#primitives'
import { isJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { isWeirError, OutsideError } from '../../errors.ts'
import { OAuthError } from '../oauthError.ts'
import type { Access } from './access.ts'
import { type Configuration, configurationOf } from './configuration.ts'
import { handOut } from './handOut.ts'
import { belongToHolder } from './keyOwner.ts'
import { invalidProof, type ProvenKey, verifyKeyProof } from './keyProof.ts'
import { batchSize, type Issuance } from './model.ts'
import { takeNonces } from './nonce.ts'
import { changeOffer, claimsOf, type Offer, offerOf } from './offer.ts'
import { nameOf } from './secret.ts'

/** Seconds after which a wallet asks again. */
export const interval = 5

/** What the credential and deferred credential endpoints answer: 200, or 202 if it must ask again. */
export type CredentialAnswer = { readonly status: 200 | 202; readonly body: JsonObject }

/**
 * Hands a wallet its credential, a copy for each key that it proves to hold:
 *
 * 1. reads which credential is asked for and whether the token allows it;
 * 2. verifies every proof;
 * 3. uses the nonces up; the very same request sent again needs none;
 * 4. refuses keys of another holder;
 * 5. fixes the keys: the offer is for these and no others from now on;
 * 6. issues, or answers later if a second person must approve or something outside does not answer.
 *
 * Sent again, also with a fresh nonce, it gives the same credentials.
 *
 * @param request the parsed JSON body.
 * @throws {OAuthError} `invalid_credential_request`, `unknown_credential_configuration`,
 *   `unknown_credential_identifier`, `invalid_proof`, `invalid_nonce`, `invalid_encryption_parameters`,
 *   `credential_request_denied`
 * @see OpenID4VCI 1.0, section 8
 */
export async function requestCredential(
  issuance: Issuance,
  access: Access,
  request: JsonObject,
): Promise<CredentialAnswer> {
  const configuration = configurationFrom(issuance, access, request)
  if (request.credential_response_encryption !== undefined) {
    throw new OAuthError('invalid_encryption_parameters', 'Responses are not encrypted here.')
  }
  const jwts = proofsFrom(request)
  const proven = jwts.map((jwt) => verifyKeyProof(issuance, access, jwt))
  const keys = proven.map(({ thumbprint }) => thumbprint)
  if (new Set(keys).size < keys.length) throw invalidProof('A key comes twice.')
  const digest = nameOf(JSON.stringify([configuration.id, access.token, ...jwts]))

  const known = await offerOf(issuance, access.offer)
  const isRepeated = known?.handed?.requests.includes(digest) === true
  if (
    !isRepeated &&
    !(await takeNonces(
      issuance,
      proven.map(({ nonce }) => nonce),
    ))
  ) {
    throw new OAuthError('invalid_nonce', 'A nonce is unknown, used or expired. Get a new one.')
  }
  const claims = await claimsOf(issuance, access.offer)
  if (claims && !(await belongToHolder(issuance, keys, configuration.type, claims))) {
    throw invalidProof('The key belongs to another holder.')
  }
  const offer = await fix(issuance, access, proven, digest)
  return answer(issuance, access, offer, configuration)
}

function configurationFrom(issuance: Issuance, access: Access, request: JsonObject): Configuration {
  const { credential_configuration_id: id, credential_identifier: identifier } = request
  const name = identifier ?? id
  const isBoth = identifier !== undefined && id !== undefined
  // An identifier must have been given; a wallet that was given one and names the configuration is understood.
  if (typeof name !== 'string' || isBoth || (identifier !== undefined && !access.hasIdentifiers)) {
    throw new OAuthError(
      'invalid_credential_request',
      'A credential_configuration_id is needed, or a credential_identifier of the token response.',
    )
  }
  const configuration = configurationOf(issuance, name)
  if (configuration === undefined) {
    const isIdentifier = identifier !== undefined
    throw new OAuthError(
      isIdentifier ? 'unknown_credential_identifier' : 'unknown_credential_configuration',
      'There is no such credential.',
    )
  }
  if (!access.configurations.includes(name)) {
    throw new OAuthError('credential_request_denied', 'The access token is for another credential.')
  }
  return configuration
}

/** `proofs.jwt`, or the one `proof` of earlier drafts. */
function proofsFrom({ proofs, proof }: JsonObject): string[] {
  const jwts =
    isJsonObject(proofs) && Object.keys(proofs).length === 1
      ? proofs.jwt
      : isJsonObject(proof) && proofs === undefined && proof.proof_type === 'jwt'
        ? [proof.jwt ?? null]
        : undefined
  if (!Array.isArray(jwts) || jwts.length === 0) {
    throw invalidProof('Proofs of the type jwt are needed, of one type only.')
  }
  if (jwts.length > batchSize) throw invalidProof('There are more proofs than the batch size.')
  return jwts.map((jwt) => {
    if (typeof jwt !== 'string') throw invalidProof('It is no text.')
    return jwt
  })
}

async function fix(
  issuance: Issuance,
  access: Access,
  proven: readonly ProvenKey[],
  digest: string,
): Promise<Offer> {
  const keys = proven.map(({ thumbprint }) => thumbprint)
  const done = await changeOffer<OAuthError | Offer>(issuance, access.offer, (offer) => {
    const isOpen = offer && ['accepted', 'waiting', 'issued'].includes(offer.state)
    if (!isOpen) return { answer: denied('The credential offer has ended.') }
    const { handed } = offer
    const state = offer.needsApproval && !offer.approvedBy ? 'waiting' : offer.state
    if (handed === undefined) {
      const jwks = proven.map(({ jwk }) => jwk)
      return {
        to: { ...offer, state, handed: { keys, jwks, requests: [digest], collected: [] } },
      }
    }
    if (handed.keys.join() !== keys.join()) {
      return { answer: denied('The credential is for the keys of the first request.') }
    }
    if (handed.requests.includes(digest)) return { answer: offer }
    const requests = [...handed.requests, digest].slice(-50)
    return { to: { ...offer, handed: { ...handed, requests } } }
  })
  if ('to' in done) return done.to
  if (done.answer instanceof OAuthError) throw done.answer
  return done.answer
}

/**
 * Issues now if that can be done now.
 *
 * @returns 200 with credentials, or 202 with the transaction id that asks for them later.
 */
export async function answer(
  issuance: Issuance,
  access: Access,
  offer: Offer,
  configuration: Configuration,
): Promise<CredentialAnswer> {
  const later: CredentialAnswer = {
    status: 202,
    body: { transaction_id: transactionId(access, offer, configuration.id), interval },
  }
  if (offer.needsApproval && !offer.approvedBy) return later
  try {
    const copies = await handOut(issuance, offer, access.configurations, configuration)
    return {
      status: 200,
      body: {
        credentials: copies.map((credential) => ({ credential })),
        notification_id: notificationId(offer.id, configuration.id),
      },
    }
  } catch (error) {
    if (error instanceof OutsideError) return later
    // The department may not issue, or not this: nothing that the wallet could mend.
    if (isWeirError(error)) throw denied('The department cannot issue this credential.', error)
    throw error
  }
}

/** Bound to access token, offer, credential and holder keys: with another of them it is another one. */
export function transactionId(access: Access, offer: Offer, configuration: string): string {
  const { keys } = offer.handed!
  return sha256Base64url(
    JSON.stringify(['weir/transaction/1', access.token, offer.id, configuration, ...keys]),
  )
}

/** Names what was handed out, the same each time. */
export function notificationId(offer: string, configuration: string): string {
  return sha256Base64url(JSON.stringify(['weir/notification/1', offer, configuration]))
}

function denied(description: string, cause?: unknown): OAuthError {
  return new OAuthError('credential_request_denied', description, { cause })
}
