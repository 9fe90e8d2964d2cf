import { readString, readStrings, required } from '../credential/claims.ts'
import { isJsonObject } from '../credential/json.ts'
import { parseJws } from '../credential/jws.ts'
import type { Format, Json } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { dataModel2 } from '../credential/vcPayload.ts'
import { InputError } from '../errors.ts'
import { readAnswer } from './binding.ts'
import type { Binding, PresentedCredential } from './model.ts'

/** Media types of the credentials that a VP envelopes. SD-JWTs carry a KB-JWT instead. */
const mediaTypes = new Map<string, Format>([
  ['application/vc+jwt', 'vc+jwt'],
  ['application/jwt', 'jwt_vc'],
])

const maxCredentials = 16

/**
 * The `id` of an EnvelopedVerifiableCredential (VC Data Model 2.0 section 4.12.1).
 *
 * @throws {InputError} `credential/unknown-format` for an SD-JWT.
 */
export function envelope(format: Format, token: string): string {
  for (const [mediaType, enveloped] of mediaTypes) {
    if (enveloped === format) return `data:${mediaType},${token}`
  }
  throw new InputError('credential/unknown-format', { format })
}

/**
 * Reads a Verifiable Presentation secured as a JWT (VC-JOSE-COSE section 3.1.2).
 *
 * @returns each enveloped credential under the one binding that the VP is.
 * @throws {InputError} `presentation/malformed`; `credential/*`, `json/*` for the VP or what is in it.
 */
export function readVpJwt(jwt: string): PresentedCredential[] {
  const { alg, kid, signingInput, signature, payload } = parseJws(jwt, ['vp+jwt'])
  if (!Array.isArray(payload['@context']) || payload['@context'][0] !== dataModel2.context) {
    throw malformed('@context')
  }
  const types = readStrings(required(payload.type, 'type'), 'type')!
  if (!types.includes('VerifiablePresentation')) throw malformed('type')
  const holder = readString(payload.holder, 'holder')
  const iss = readString(payload.iss, 'iss')
  if (holder !== undefined && iss !== undefined && holder !== iss) throw malformed('holder')
  const did = holder ?? iss
  if (kid !== undefined && did !== undefined && !kid.startsWith(`${did}#`)) throw malformed('kid')
  const binding: Binding = {
    kind: 'presentation',
    alg,
    signingInput,
    signature,
    ...readAnswer(payload),
    coversCredential: true,
  }
  const enveloped = payload.verifiableCredential
  const list = Array.isArray(enveloped) ? enveloped : [enveloped]
  if (list.length === 0 || list.length > maxCredentials) throw malformed('verifiableCredential')
  return list.map((element) => readEnveloped(element, binding))
}

function malformed(why: string): InputError {
  return new InputError('presentation/malformed', { why })
}

function readEnveloped(value: Json | undefined, binding: Binding): PresentedCredential {
  if (!isJsonObject(value)) throw malformed('verifiableCredential')
  const types = readStrings(required(value.type, 'type'), 'type')!
  if (!types.includes('EnvelopedVerifiableCredential')) throw malformed('verifiableCredential')
  const { id } = value
  const comma = typeof id === 'string' ? id.indexOf(',') : -1
  if (typeof id !== 'string' || comma < 0 || !id.startsWith('data:')) throw malformed('id')
  const format = mediaTypes.get(id.slice(5, comma))
  const token = id.slice(comma + 1)
  if (format === undefined || token.includes('~')) throw malformed('media type')
  const credential = parseCredential(token)
  if (credential.format !== format) throw malformed('media type')
  return { credential, token, binding, proof: undefined }
}
