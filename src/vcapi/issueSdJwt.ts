import { encodeBase64url, randomBytes } from '#primitives'
import { listAddress } from '../certificate/listAddress.ts'
import { conceal } from '../credential/conceal.ts'
import { isJsonObject } from '../credential/json.ts'
import type { JsonObject } from '../credential/model.ts'
import type { CheckedCredential } from '../vcdm/credential.ts'
import { isUrl, listOf, refuse } from '../vcdm/read.ts'
import { seconds, signJwt } from './issueJwt.ts'
import { keyInDid } from './key.ts'
import type { VcApi } from './model.ts'
import { ownPlaceOf } from './status.ts'

/** Names that an SD-JWT VC gives a meaning of its own. */
const taken = [
  ...['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti', 'cnf', 'vct', 'vct#integrity', 'status'],
  ...['_sd', '_sd_alg', '...', 'salt', 'weir'],
]

/**
 * Makes an SD-JWT VC of the claims about the one subject, each selectively disclosable. Where the subject
 * is a did:key or did:jwk the credential is bound to that key.
 *
 * @throws {InputError} `vcdm/bad-subject` for several subjects, and for claims whose names are taken;
 *   `vcdm/bad-property` for a status that somebody else keeps.
 * @see SD-JWT VC, section 3.2.2; RFC 9901
 */
export async function issueSdJwt(
  api: VcApi,
  document: JsonObject,
  { types, period, id }: CheckedCredential,
): Promise<{ mediaType: string; token: string }> {
  const path = 'credentialSubject'
  const subjects = listOf(document.credentialSubject)
  const [subject] = subjects
  if (subjects.length !== 1 || !isJsonObject(subject)) throw refuse('vcdm/bad-subject', path)
  const { id: subjectId, ...claims } = subject
  const bad = Object.keys(claims).find((name) => taken.includes(name))
  if (bad !== undefined) throw refuse('vcdm/bad-subject', path, 'taken name')
  const key = isUrl(subjectId) ? await keyInDid(subjectId) : undefined
  const payload: JsonObject = {
    iss: api.issuer.department.did,
    vct: typeUri(types),
    iat: seconds(api.clock()),
    ...(id !== undefined && { jti: id }),
    ...(isUrl(subjectId) && { sub: subjectId }),
    ...(period.from && { nbf: seconds(period.from) }),
    ...(period.until && { exp: seconds(period.until) }),
    ...statusOf(api, document),
    ...(key && { cnf: { jwk: { ...key } } }),
    salt: encodeBase64url(randomBytes(32)),
    ...claims,
  }
  const pointers = Object.keys(claims).map(
    (name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  )
  const { visible, disclosures } = conceal(payload, pointers)
  const jwt = await signJwt(
    api,
    { alg: 'ES256', typ: 'dc+sd-jwt' },
    {
      ...visible,
      _sd_alg: 'sha-256',
    },
  )
  const token = [jwt, ...disclosures, ''].join('~')
  return { mediaType: 'application/dc+sd-jwt', token }
}

/**
 * The place that `addStatus` gave, as an SD-JWT VC names it; its one entry says revoked and suspended.
 *
 * @throws {InputError} `vcdm/bad-property` for the list of anybody else, which could not be carried over.
 */
function statusOf(api: VcApi, document: JsonObject): JsonObject {
  const entries = listOf(document.credentialStatus)
  const places = entries.map((entry) => {
    const { statusListCredential: url, statusListIndex: index } = isJsonObject(entry) ? entry : {}
    const place = typeof url === 'string' ? ownPlaceOf(api, url) : undefined
    const { address, did } = api.issuer.department
    if (place?.address !== address || typeof index !== 'string') {
      throw refuse('vcdm/bad-property', 'credentialStatus')
    }
    const uri = listAddress(api.issuer.statusBase!, did, place.list, 'token')
    return { idx: Number(index), uri }
  })
  const [first] = places
  if (first === undefined) return {}
  if (places.some(({ idx, uri }) => idx !== first.idx || uri !== first.uri)) {
    throw refuse('vcdm/bad-property', 'credentialStatus')
  }
  return { status: { status_list: first } }
}

/** The most particular type as a URI. */
function typeUri(types: readonly string[]): string {
  const type =
    types.filter((one) => one !== 'VerifiableCredential').at(-1) ?? 'VerifiableCredential'
  return isUrl(type) ? type : `urn:weir:credential:${type}`
}
