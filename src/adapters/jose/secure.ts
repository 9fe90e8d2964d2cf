import { conceal } from '../../credential/conceal.ts'
import { equalJson } from '../../credential/equal.ts'
import { isJsonObject } from '../../credential/json.ts'
import type { Json, JsonObject } from '../../credential/model.ts'
import { resolveDisclosures } from '../../credential/sdjwt.ts'
import { splitToken } from '../../credential/token.ts'
import { InputError, TrustError } from '../../errors.ts'
import {
  type CompactJws,
  contentTypes,
  readCompact,
  type SecuredType,
  signCompact,
  verifyCompact,
} from './compact.ts'
import { checkPeriod, checkShape } from './dataModel.ts'
import { lookAt, readEnveloped } from './enveloped.ts'
import type { VerificationMethod } from './verificationMethod.ts'

/** What a verifier needs whatever the holder leaves out, and what says who signed and when. */
const visible = new Set([
  ...['@context', 'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'nonce', 'cnf'],
  ...['validUntil', 'credentialStatus'],
])

const isConcealable = (member: string) => !visible.has(member)

/** What a token said, once everything about it was checked. */
export type Verified = {
  readonly document: JsonObject
  /** Of a presentation: for each credential, whether its signature was checked with the same key. */
  readonly credentials: readonly ('verified' | 'other key')[]
}

/**
 * Secures a credential or presentation of VC Data Model 2.0 (VC-JOSE-COSE, Recommendation 2025).
 *
 * @param document an unsecured one; its shape is checked, not whether it is in force.
 * @param disclosable RFC 6901 pointers to what becomes selectively disclosable; SD-JWT only.
 * @returns the compact token; an SD-JWT carries every disclosure and ends in `~`.
 * @throws {InputError} `credential/*`, `vcdm/*`, `presentation/malformed`
 */
export async function secure(
  document: JsonObject,
  type: SecuredType,
  method: VerificationMethod,
  { disclosable = [], now }: { readonly disclosable?: readonly string[]; readonly now: Date },
): Promise<string> {
  const party = checkShape(document, contentTypes[type])
  readEnveloped(document.verifiableCredential)
  if (document.iss !== undefined && document.iss !== party) throw bad('iss')
  const iat = Math.floor(now.getTime() / 1000)
  const claims: JsonObject = { ...(party === undefined ? {} : { iss: party }), iat, ...document }
  if (!isSdJwt(type)) {
    if (disclosable.length > 0) throw new InputError('credential/bad-disclosure', { why: 'format' })
    return signCompact(claims, type, method)
  }
  for (const pointer of disclosable) {
    if (!isConcealable(pointer.split('/')[1] ?? ''))
      throw new InputError('credential/bad-disclosure', { why: 'protected' })
  }
  const { visible: rest, disclosures } = conceal(claims, disclosable)
  const payload = { ...rest, _sd_alg: 'sha-256' }
  // What a verifier puts together again is what was meant: no `_sd` or `...` of the caller's own.
  const read = resolveDisclosures(payload, disclosures, isConcealable)
  if (!equalJson(read.payload, claims)) throw new InputError('credential/not-as-planned')
  return [await signCompact(payload, type, method), ...disclosures, ''].join('~')
}

/**
 * Verifies a token with one key: form, algorithm (the key's, whatever the token says), signature,
 * disclosures, shape, dates, and that the key belongs to whom the document names. A credential inside a
 * presentation is verified the same way where it names this key; others are required to be secured, and
 * reported.
 *
 * @throws {InputError} `credential/*`, `json/*`, `vcdm/*`, `presentation/malformed`
 * @throws {TrustError} `signature/bad`, `signature/no-key`, `validity/not-yet`, `validity/expired`
 */
export async function unsecure(
  token: string,
  type: SecuredType,
  method: VerificationMethod,
  now: Date,
): Promise<Verified> {
  const { jwt, disclosures, keyBinding } = splitToken(token)
  if ((disclosures !== undefined) !== isSdJwt(type) || keyBinding !== undefined)
    throw new InputError('credential/malformed', { why: 'format' })
  const jws = readCompact(jwt, type)
  await verifyCompact(jwt, jws, method)
  const document = isSdJwt(type)
    ? resolveDisclosures(jws.payload, disclosures ?? [], isConcealable).payload
    : jws.payload
  const party = checkShape(document, contentTypes[type])
  checkPeriod(document, now)
  checkParty(jws, document, party, method)
  if (contentTypes[type] === 'vc') return { document, credentials: [] }
  const enveloped = readEnveloped(document.verifiableCredential)
  const credentials: Verified['credentials'][number][] = []
  for (const each of enveloped) {
    const kid = lookAt(each)
    if (kid === undefined || !method.names.includes(kid)) credentials.push('other key')
    else {
      await unsecure(each.token, each.mediaType as SecuredType, method, now)
      credentials.push('verified')
    }
  }
  return { document, credentials }
}

function isSdJwt(type: SecuredType): boolean {
  return type === 'vc+sd-jwt' || type === 'vp+sd-jwt'
}

/** VC-JOSE-COSE section 4.1: `iss` and `issuer` agree; the key is listed by whom they name. */
function checkParty(
  { header }: CompactJws,
  { iss, issuer, jti, id }: JsonObject,
  party: string | undefined,
  { controller }: VerificationMethod,
): void {
  for (const said of [iss, header.iss]) {
    if (said !== undefined && said !== (party ?? said)) throw bad('iss')
  }
  const name = party ?? stringOf(iss)
  if (controller !== undefined && name !== undefined && controller !== name)
    throw new TrustError('signature/no-key', { why: isJsonObject(issuer) ? 'issuer.id' : 'issuer' })
  if (jti !== undefined && id !== undefined && jti !== id) throw bad('jti')
}

function stringOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function bad(path: string): InputError {
  return new InputError('credential/bad-claim', { path })
}
