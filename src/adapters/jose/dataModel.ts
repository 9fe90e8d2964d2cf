import { readSeconds } from '../../credential/claims.ts'
import type { Json, JsonObject } from '../../credential/model.ts'
import { InputError, TrustError } from '../../errors.ts'
import { checkCredential as readCredential } from '../../vcdm/credential.ts'
import { checkPresentation as readPresentation } from '../../vcdm/presentation.ts'
import { contextOf } from '../../vcdm/read.ts'
import { readPeriod, readTime } from '../../vcdm/validity.ts'

/** JWT claims that may stand beside the document (RFC 7519, RFC 7800, OpenID4VP). */
const jwtClaims = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'cnf', 'nonce']

/** VC Data Model 2.0, section 4; `salt` and `weir` are ours. */
const credentialTerms = [
  ...['@context', 'id', 'type', 'name', 'description', 'issuer', 'credentialSubject'],
  ...['validFrom', 'validUntil', 'credentialStatus', 'credentialSchema', 'refreshService'],
  ...['relatedResource', 'termsOfUse', 'evidence', 'confidenceMethod', 'renderMethod', 'proof'],
  ...['salt', 'weir', ...jwtClaims],
]
const presentationTerms = [
  ...['@context', 'id', 'type', 'holder', 'verifiableCredential', 'termsOfUse', 'proof'],
  ...jwtClaims,
]
const maxClockSkew = 60_000

/**
 * Checks that a credential or presentation has the shape of VC Data Model 2.0. A term at the top that
 * neither the data model nor JWT knows is refused (section 5.2: an undefined term is an error).
 *
 * @param kind `vc` or `vp`.
 * @returns the issuer's or holder's URL; undefined for a presentation that names no holder.
 * @throws {InputError} `credential/bad-claim` for such a term; `vcdm/...`
 */
export function checkShape(document: JsonObject, kind: 'vc' | 'vp'): string | undefined {
  const terms = kind === 'vc' ? credentialTerms : presentationTerms
  for (const name in document) {
    if (!terms.includes(name)) throw new InputError('credential/bad-claim', { path: nameOf(name) })
  }
  const context = document['@context']
  if (!Array.isArray(context) || context[0] !== contextOf['2.0'])
    throw new InputError('vcdm/bad-context', { path: '@context' })
  return kind === 'vc'
    ? readCredential(document, () => undefined).issuer
    : readPresentation(document).holder
}

/**
 * Checks that `now` lies in the period that the document and its JWT claims name, a minute's difference
 * of clocks allowed for what begins.
 *
 * @throws {TrustError} `validity/not-yet`, `validity/expired`
 * @throws {InputError} `vcdm/bad-validity`, `credential/bad-claim`
 * @see VC Data Model 2.0, section 4.9; RFC 7519, section 4.1
 */
export function checkPeriod(document: JsonObject, now: Date): void {
  const { from, until } = readPeriod(document, '2.0')
  const soon = new Date(now.getTime() + maxClockSkew)
  for (const [date, path] of [
    [from, 'validFrom'],
    [readSeconds(document.nbf, 'nbf'), 'nbf'],
    [issuedAt(document.iat), 'iat'],
  ] as const) {
    if (date !== undefined && date > soon) throw new TrustError('validity/not-yet', { path })
  }
  for (const [date, path] of [
    [until, 'validUntil'],
    [readSeconds(document.exp, 'exp'), 'exp'],
  ] as const) {
    if (date !== undefined && date <= now) throw new TrustError('validity/expired', { path })
  }
}

/** A NumericDate; the W3C suite's own tokens have a date and time as text, which says the same. */
function issuedAt(iat: Json | undefined): Date | undefined {
  return typeof iat === 'string' ? readTime(iat, 'iat') : readSeconds(iat, 'iat')
}

/** A member's name is the sender's to choose: a long one, or one with anything odd in it, is not repeated. */
function nameOf(name: string): string {
  return /^[\w@-]{1,32}$/.test(name) ? name : 'member'
}
