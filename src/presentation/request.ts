import { DcqlQuery } from 'dcql'
import { readObject, readString, refuseOthers, required } from '../credential/claims.ts'
import { parseJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'

/** What a verifier asks of a holder. */
export type PresentationRequest = {
  /** Fresh, at least 128 bits of chance; answered once. */
  readonly nonce: string
  /** The verifier's full identifier. */
  readonly audience: string
  /** Why it asks, shown to the holder; 1 to 200 characters. */
  readonly purpose: string
  /** Which certificates and claims (DCQL, OpenID4VP 1.0 section 6). */
  readonly dcql: DcqlQuery
}

/** What a query may ask at most, so that matching stays cheap. */
const maxQueries = 16
const maxClaims = 100
const maxPath = 16
const maxValues = 50

/**
 * Reads a request, as text or as plain data.
 *
 * @throws {InputError} `presentation/bad-request` with the member at fault; `json/*` for text.
 */
export function readRequest(input: string | Uint8Array | JsonObject): PresentationRequest {
  const isText = typeof input === 'string' || input instanceof Uint8Array
  const request = isText ? parseJsonObject(input) : (input as JsonObject)
  try {
    refuseOthers(request, ['nonce', 'audience', 'purpose', 'dcql'], 'request')
    const nonce = readString(required(request.nonce, 'nonce'), 'nonce')!
    const audience = readString(required(request.audience, 'audience'), 'audience')!
    const purpose = readString(required(request.purpose, 'purpose'), 'purpose')!
    if (nonce.length < 16 || nonce.length > 512) throw refuse('nonce')
    if ([...purpose].length > 200) throw refuse('purpose')
    return { nonce, audience, purpose, dcql: readQuery(request.dcql) }
  } catch (cause) {
    if (cause instanceof InputError && cause.code === 'presentation/bad-request') throw cause
    const path = cause instanceof InputError ? cause.detail.path : undefined
    throw new InputError('presentation/bad-request', { path, cause })
  }
}

/**
 * Reads a DCQL query and checks it as the library does, and its size.
 *
 * @throws {InputError} `presentation/bad-request`
 */
export function readQuery(value: Json | undefined): DcqlQuery {
  const query = readObject(required(value, 'dcql'), 'dcql')!
  const { credentials, credential_sets: sets } = query
  if (!Array.isArray(credentials) || credentials.length > maxQueries) throw refuse('credentials')
  if (sets !== undefined && (!Array.isArray(sets) || sets.length > maxQueries)) throw refuse('sets')
  for (const credential of credentials) capClaims(readObject(credential, 'credentials')!)
  try {
    const parsed = DcqlQuery.parse(structuredClone(query) as DcqlQuery.Input)
    DcqlQuery.validate(parsed)
    return parsed
  } catch (cause) {
    throw new InputError('presentation/bad-request', { path: 'dcql', cause })
  }
}

function refuse(path: string): InputError {
  return new InputError('presentation/bad-request', { path })
}

function capClaims({ claims = [], claim_sets: sets = [] }: JsonObject): void {
  if (!Array.isArray(claims) || claims.length > maxClaims) throw refuse('claims')
  if (!Array.isArray(sets) || sets.length > maxQueries) throw refuse('claim_sets')
  for (const claim of claims) {
    const { path, values = [] } = readObject(claim, 'claims')!
    if (!Array.isArray(path) || path.length > maxPath) throw refuse('path')
    // The matcher looks names up in plain objects, where these are found though nobody put them there.
    if (path.some((part) => typeof part === 'string' && part in Object.prototype)) {
      throw refuse('path')
    }
    if (!Array.isArray(values) || values.length > maxValues) throw refuse('values')
  }
}
