import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { listOf, refuse } from '../vcdm/read.ts'

/** Names of certificate types and of what makes a credential look like one of them. */
const ours = /^urn:weir:(certificate|context|vocabulary)[:#]/i

/** Members that mean something in a token or a certificate; a document's own vocabulary may not define them. */
const meant = [
  ...['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti', 'cnf', 'vct', 'vc', 'vp', 'status'],
  ...['_sd', '_sd_alg', '...', 'salt', 'weir'],
]

/**
 * Requires a credential that anybody with the role of a clerk may have signed to be no certificate, nor to look
 * like one: those are issued after their own checks, and some by two people.
 *
 * @throws {InputError} `vcdm/bad-context`, `vcdm/bad-type`, `vcdm/bad-property`
 */
export function requireNoCertificate(document: JsonObject): void {
  if (listOf(document['@context']).some(isOurs)) throw refuse('vcdm/bad-context', '@context', why)
  if (listOf(document.type).some(isOurs)) throw refuse('vcdm/bad-type', 'type', why)
  const schemas = listOf(document.credentialSchema)
  if (schemas.some((one) => isOurs(isJsonObject(one) ? one.id : one))) {
    throw refuse('vcdm/bad-property', 'credentialSchema', why)
  }
  const member = meant.find((name) => Object.hasOwn(document, name))
  if (member !== undefined) throw refuse('vcdm/bad-property', member, why)
}

const why = 'certificate'

function isOurs(name: Json | undefined): boolean {
  return typeof name === 'string' && ours.test(name)
}
