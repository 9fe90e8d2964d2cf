import { decodeBase64url } from '#primitives'
import { readStrings, required } from '../../credential/claims.ts'
import { isJsonObject, parseJsonObject } from '../../credential/json.ts'
import type { Json } from '../../credential/model.ts'
import { splitToken } from '../../credential/token.ts'
import { dataModel2 } from '../../credential/vcPayload.ts'
import { InputError } from '../../errors.ts'

/** A secured credential inside a presentation. */
export type Enveloped = { readonly mediaType: string; readonly token: string }

const mediaTypes = ['vc+jwt', 'vc+sd-jwt', 'vc+cose;base64']
const maxCredentials = 64

/**
 * Reads what a presentation envelopes: every credential is secured and stands in a `data:` URL of one of
 * the three media types (VC-JOSE-COSE sections 3.1.2, 3.2.2, 3.3.2; VC Data Model 2.0 section 4.12.1).
 *
 * @throws {InputError} `presentation/malformed`, `credential/missing-claim`, `credential/bad-claim`.
 */
export function readEnveloped(value: Json | undefined): Enveloped[] {
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value]
  if (list.length > maxCredentials) throw malformed('verifiableCredential')
  return list.map(readOne)
}

function readOne(value: Json): Enveloped {
  if (!isJsonObject(value)) throw malformed('verifiableCredential')
  const context = readStrings(required(value['@context'], '@context'), '@context')
  if (context![0] !== dataModel2.context) throw malformed('@context')
  const types = readStrings(required(value.type, 'type'), 'type')!
  if (!types.includes('EnvelopedVerifiableCredential')) throw malformed('type')
  const { id } = value
  const comma = typeof id === 'string' ? id.indexOf(',') : -1
  if (typeof id !== 'string' || comma < 0 || !id.startsWith('data:application/'))
    throw malformed('id')
  const mediaType = id.slice('data:application/'.length, comma)
  if (!mediaTypes.includes(mediaType) || comma === id.length - 1) throw malformed('media type')
  return { mediaType, token: id.slice(comma + 1) }
}

/**
 * Requires a token to be a compact JWS or SD-JWT by its look, whoever signed it.
 *
 * @returns the `kid` of its header.
 * @throws {InputError} `presentation/malformed`, `credential/*`, `json/*`
 */
export function lookAt({ mediaType, token }: Enveloped): string | undefined {
  if (mediaType === 'vc+cose;base64') {
    if (!/^[A-Za-z0-9+/]+={0,2}\s*$/.test(token)) throw malformed('base64')
    return undefined
  }
  const { jwt, disclosures } = splitToken(token)
  if ((disclosures !== undefined) !== (mediaType === 'vc+sd-jwt')) throw malformed('media type')
  const parts = jwt.split('.')
  if (parts.length !== 3 || parts.includes('')) throw malformed('parts')
  const { alg, kid } = parseJsonObject(decodeBase64url(parts[0]!))
  if (typeof alg !== 'string' || alg === 'none') throw new InputError('credential/alg-not-allowed')
  return typeof kid === 'string' ? kid : undefined
}

function malformed(why: string): InputError {
  return new InputError('presentation/malformed', { why })
}
