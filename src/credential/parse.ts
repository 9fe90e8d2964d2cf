import { InputError } from '../errors.ts'
import {
  readJwk,
  readObject,
  readSeconds,
  readString,
  readStrings,
  readUint,
  required,
} from './claims.ts'
import { fingerprint } from './fingerprint.ts'
import { type ParsedJws, parseJws, type TokenType } from './jws.ts'
import type { Format, JsonObject, ParsedCredential } from './model.ts'
import { resolveDisclosures } from './sdjwt.ts'
import { hasDisclosures, splitToken, type TokenParts } from './token.ts'
import { type CredentialBody, dataModel1, dataModel2, readVc } from './vcPayload.ts'
import { readWeirClaims } from './weirClaims.ts'

const plainTypes: readonly TokenType[] = ['vc+jwt', 'JWT']
const sdTypes: readonly TokenType[] = ['dc+sd-jwt', 'vc+sd-jwt']

/** Top-level members of an SD-JWT VC that say what it is; the rest are the certificate's fields. */
const registered = new Set([
  'iss',
  'sub',
  'aud',
  'iat',
  'nbf',
  'exp',
  'jti',
  'cnf',
  'vct',
  'vct#integrity',
  'status',
  'salt',
  'weir',
])

const mayConceal = {
  'dc+sd-jwt': (member: string) => !registered.has(member),
  'vc+sd-jwt': (member: string) => member === 'credentialSubject',
}

/**
 * Reads a credential in any of the four formats, strictly; nothing of it is verified. A KB-JWT behind
 * an SD-JWT is left to `presentation/`.
 *
 * @param token compact, as `assembleToken` makes it.
 * @throws {InputError} `credential/*`, `json/*`; with the path of the claim, never its value.
 */
export function parseCredential(token: string): ParsedCredential {
  return readCredential(splitToken(token))
}

/** The same for a token that is cut already. @throws {InputError} as {@link parseCredential} */
export function readCredential({
  jwt,
  disclosures,
}: Pick<TokenParts, 'jwt' | 'disclosures'>): ParsedCredential {
  const jws = parseJws(jwt, disclosures === undefined ? plainTypes : sdTypes)
  const format: Format = jws.typ === 'JWT' ? 'jwt_vc' : (jws.typ as Format)
  const resolved = hasDisclosures(format)
    ? resolveDisclosures(jws.payload, disclosures ?? [], mayConceal[format])
    : { payload: jws.payload, disclosures: [] }
  const { payload } = resolved
  const body = readBody(format, payload)
  const { issuer, kid, x5c } = readIssuer(format, jws, payload, body)
  const { certificate, ...weir } = readWeirClaims(payload)
  const issuedAt = readSeconds(payload.iat, 'iat')
  if (weir.chain !== undefined) required(issuedAt, 'iat')
  readString(payload.jti, 'jti')
  readString(payload.sub, 'sub')
  readStrings(payload.aud, 'aud')
  return {
    format,
    header: jws.header,
    alg: jws.alg,
    kid,
    x5c,
    signingInput: jws.signingInput,
    signature: jws.signature,
    fingerprint: fingerprint(jws.signingInput),
    issuer,
    certificateType: body.certificateType,
    certificate,
    issuedAt,
    validFrom: later(readSeconds(payload.nbf, 'nbf'), body.validFrom),
    validUntil: earlier(readSeconds(payload.exp, 'exp'), body.validUntil),
    ...weir,
    holderKey: readHolderKey(payload),
    claims: body.claims,
    payload,
    disclosures: resolved.disclosures,
  }
}

function readBody(format: Format, payload: JsonObject): CredentialBody {
  if (format === 'dc+sd-jwt') return readSdJwtVc(payload)
  if (format === 'jwt_vc') {
    const vc = readObject(required(payload.vc, 'vc'), 'vc')!
    required(payload.nbf, 'nbf')
    return readVc(vc, dataModel1)
  }
  if (payload.vc !== undefined) throw new InputError('credential/bad-claim', { path: 'vc' })
  const body = readVc(payload, dataModel2)
  required(body.issuer, 'issuer')
  return body
}

/** SD-JWT VC draft, section 3.2.2: the registered claims; everything else is a field. */
function readSdJwtVc(payload: JsonObject): CredentialBody {
  const certificateType = readString(required(payload.vct, 'vct'), 'vct')!
  readString(payload['vct#integrity'], 'vct#integrity')
  const status = readObject(payload.status, 'status')
  const reference = readObject(status?.status_list, 'status.status_list')
  if (reference !== undefined) {
    const path = 'status.status_list'
    readUint(required(reference.idx, `${path}.idx`), `${path}.idx`, Number.MAX_SAFE_INTEGER)
    readString(required(reference.uri, `${path}.uri`), `${path}.uri`)
  }
  const claims: JsonObject = Object.create(null)
  for (const name in payload) if (!registered.has(name)) claims[name] = payload[name]!
  return { issuer: undefined, certificateType, validFrom: undefined, validUntil: undefined, claims }
}

/** Who says it, by which key: `kid` under `iss`, or `x5c` and no `iss`; never mixed. */
function readIssuer(
  format: Format,
  { kid, x5c }: ParsedJws,
  payload: JsonObject,
  body: CredentialBody,
): Pick<ParsedCredential, 'issuer' | 'kid' | 'x5c'> {
  const iss = readString(payload.iss, 'iss')
  if (x5c !== undefined) {
    if (kid !== undefined) throw new InputError('credential/header-not-allowed', { why: 'kid' })
    if (iss !== undefined) throw new InputError('credential/bad-claim', { path: 'iss' })
    return { issuer: undefined, kid, x5c }
  }
  required(iss, 'iss')
  if (body.issuer !== undefined && body.issuer !== iss) {
    throw new InputError('credential/bad-claim', { path: 'issuer' })
  }
  // VC 1.1 JWTs of other makers have no kid; ours do.
  if (format !== 'jwt_vc') required(kid, 'kid')
  if (kid !== undefined && !(kid.startsWith(`${iss}#`) && kid.length > iss!.length + 1)) {
    throw new InputError('credential/bad-claim', { path: 'kid' })
  }
  return { issuer: iss, kid, x5c }
}

/** RFC 7800 section 3.2; only a key itself binds, never a name or an address of one. */
function readHolderKey(payload: JsonObject): ParsedCredential['holderKey'] {
  const cnf = readObject(payload.cnf, 'cnf')
  if (cnf === undefined) return undefined
  for (const name in cnf) {
    if (name !== 'jwk') throw new InputError('credential/bad-claim', { path: 'cnf' })
  }
  return readJwk(cnf.jwk, 'cnf.jwk')
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a > b ? a : b
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}
