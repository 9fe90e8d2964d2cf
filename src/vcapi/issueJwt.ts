import { encodeBase64url } from '#primitives'
import { isJsonObject } from '../credential/json.ts'
import type { JsonObject } from '../credential/model.ts'
import type { CheckedCredential } from '../vcdm/credential.ts'
import { contextOf, isUrl, listOf } from '../vcdm/read.ts'
import type { VcApi } from './model.ts'

/**
 * Secures a credential as a JWT of the department: `vc+jwt` (VC-JOSE-COSE section 3.1.1), or `jwt_vc` as
 * older wallets read it (VC Data Model 1.1 section 6.3.1).
 */
export async function issueJwt(
  api: VcApi,
  document: JsonObject,
  checked: CheckedCredential,
  format: 'vc+jwt' | 'jwt_vc',
): Promise<{ mediaType: string; token: string }> {
  const { did } = api.issuer.department
  const iat = seconds(api.clock())
  if (format === 'vc+jwt') {
    const header = { alg: 'ES256', typ: 'vc+jwt', cty: 'vc' }
    const token = await signJwt(api, header, { ...document, iss: did, iat })
    return { mediaType: 'application/vc+jwt', token }
  }
  const { period, id } = checked
  const [first] = listOf(document.credentialSubject)
  const sub = isJsonObject(first) && isUrl(first.id) ? first.id : undefined
  const payload: JsonObject = {
    iss: did,
    ...(sub !== undefined && { sub }),
    ...(id !== undefined && { jti: id }),
    iat,
    nbf: seconds(period.from ?? api.clock()),
    ...(period.until && { exp: seconds(period.until) }),
    vc: olderForm(document, period.from ?? api.clock()),
  }
  const token = await signJwt(api, { alg: 'ES256', typ: 'JWT' }, payload)
  return { mediaType: 'application/jwt', token }
}

/** Signs a payload with the department's assertion key, which the signer's own types guard. */
export async function signJwt(
  { issuer: { signer } }: VcApi,
  header: JsonObject,
  payload: JsonObject,
): Promise<string> {
  const head = encodeBase64url(JSON.stringify({ ...header, kid: signer.key.kid }))
  const input = `${head}.${encodeBase64url(JSON.stringify(payload))}`
  const [signature] = await signer.sign('credential', [input])
  return `${input}.${encodeBase64url(signature!)}`
}

/** The credential in the words of version 1.1. */
function olderForm(document: JsonObject, from: Date): JsonObject {
  const { '@context': contexts, validFrom, validUntil, ...rest } = document
  const others = listOf(contexts).filter((context) => context !== contextOf['2.0'])
  return {
    '@context': [contextOf['1.1'], ...others],
    ...rest,
    issuanceDate: validFrom ?? `${from.toISOString().slice(0, 19)}Z`,
    ...(validUntil !== undefined && { expirationDate: validUntil }),
  }
}

/** Whole seconds since 1970 (RFC 7519 section 2, NumericDate). */
export function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}
