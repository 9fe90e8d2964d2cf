import { encodeBase64url, randomBytes } from '#primitives'
import { conceal } from '../credential/conceal.ts'
import { isJsonObject } from '../credential/json.ts'
import type { JsonObject } from '../credential/model.ts'
import type { CheckedCredential } from '../vcdm/credential.ts'
import { isUrl, listOf, refuse } from '../vcdm/read.ts'
import { seconds, signJwt } from './issueJwt.ts'
import { keyInDid } from './key.ts'
import type { VcApi } from './model.ts'

/** Names that an SD-JWT VC gives a meaning of its own. */
const taken = [
  ...['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti', 'cnf', 'vct', 'vct#integrity', 'status'],
  ...['_sd', '_sd_alg', '...', 'salt', 'weir'],
]

/**
 * Makes an SD-JWT VC of the claims about the one subject, each selectively disclosable. Where the subject
 * is a did:key or did:jwk the credential is bound to that key.
 *
 * @throws {InputError} `vcdm/bad-subject` for several subjects, and for claims whose names are taken.
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

/** The most particular type as a URI. */
function typeUri(types: readonly string[]): string {
  const type =
    types.filter((one) => one !== 'VerifiableCredential').at(-1) ?? 'VerifiableCredential'
  return isUrl(type) ? type : `urn:weir:credential:${type}`
}
