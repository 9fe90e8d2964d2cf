import { encodeBase64url } from '#primitives'
import { didJwk } from '../credential/didJwk.ts'
import type {
  CredentialDraft,
  Format,
  JsonObject,
  PublicJwk,
  StatusPosition,
} from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { disclosablePointers } from './disclosable.ts'
import { typeDocuments } from './documents.ts'
import { isHolderKey } from './holderKey.ts'
import { listAddress } from './listAddress.ts'
import type { CertificateType } from './model.ts'
import { contextUri, credentialTypeName } from './names.ts'
import { type Validity, validityOf } from './validity.ts'

/** Everything that goes into one copy of a certificate, in the formats asked for. */
export type DraftRequest = {
  /** As `checkClaims` returned them; not checked again. */
  readonly claims: JsonObject
  readonly issuer: {
    readonly did: string
    /** Full DID URL. */
    readonly kid: string
    /** Base64 (RFC 7515 section 4.1.6) DER, leaf first, never the root: `dc+sd-jwt` then names no `iss`. */
    readonly x5c?: readonly string[]
  }
  /** CAIP-2, `eip155:<id>`. */
  readonly chain: string
  /** See `certificateIdentifier`. */
  readonly certificate: string
  readonly status: StatusPosition
  /** Signing time; whole seconds are kept. */
  readonly iat: Date
  /** One draft each; the salt is 32 random bytes of its own. */
  readonly copies: readonly {
    readonly format: Format
    readonly salt: Uint8Array
    /** Fingerprint, 64 hex digits, of the copy that this one replaces. */
    readonly replaces?: string
  }[]
  /** Key of the holder, where the copy is bound to one; see `isHolderKey`. */
  readonly holder?: PublicJwk
  /** Narrow what the type says of validity. */
  readonly validFrom?: Date
  readonly validUntil?: Date
  /** Deployment-wide base of published status lists, without a slash at its end. */
  readonly listBase?: string
}

/** What one request's drafts share. */
type Common = {
  readonly type: CertificateType
  readonly request: DraftRequest
  readonly iat: number
  readonly validity: Validity
  readonly cnf: JsonObject | undefined
  readonly holderDid: string | undefined
}

/**
 * Builds what will be signed for one copy of a certificate, a draft per format, in order. Claims of
 * class P stay visible, S and R are marked as disclosable (in the SD-JWT formats; the JWT formats
 * show everything to everybody who receives them).
 *
 * @throws {InputError} `credential/weak-salt`, `credential/bad-key`, `certificate/bad-validity`,
 *   `certificate/bad-fingerprint`.
 * @see docs/issuance.md
 */
export function drafts(type: CertificateType, request: DraftRequest): CredentialDraft[] {
  const { holder, validFrom, validUntil } = request
  const iat = Math.floor(request.iat.getTime() / 1000)
  const validity = validityOf(type, request.claims, new Date(iat * 1000), {
    ...(validFrom && { from: validFrom }),
    ...(validUntil && { until: validUntil }),
  })
  const common: Common = {
    type,
    request,
    iat,
    validity,
    cnf: holder && { jwk: holderJwk(holder) },
    holderDid: holder && didJwk(holder),
  }
  return request.copies.map((copy) => {
    const members = commonMembers(common, copy)
    switch (copy.format) {
      case 'dc+sd-jwt':
        return sdJwtVc(common, members)
      case 'jwt_vc':
        return vc11(common, members)
      default:
        return vc20(common, members, copy.format)
    }
  })
}

function holderJwk(holder: PublicJwk): JsonObject {
  if (!isHolderKey(holder)) throw new InputError('credential/bad-key')
  const { kty, crv, x, y } = holder
  return y === undefined ? { kty, crv, x } : { kty, crv, x, y }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function commonMembers(common: Common, copy: DraftRequest['copies'][number]): JsonObject {
  const { request, iat, validity, cnf } = common
  const { chain, certificate, status } = request
  if (copy.salt.length !== 32) throw new InputError('credential/weak-salt')
  const weir: JsonObject = {
    chain,
    status: { list: status.list, index: status.index },
    certificate,
  }
  if (copy.replaces !== undefined) {
    if (!/^[0-9a-f]{64}$/.test(copy.replaces)) throw new InputError('certificate/bad-fingerprint')
    weir.replaces = copy.replaces
  }
  const members: JsonObject = { iat, salt: encodeBase64url(copy.salt), weir }
  const nbf = seconds(validity.from)
  if (nbf > iat || copy.format === 'jwt_vc') members.nbf = nbf
  if (validity.until !== undefined) members.exp = seconds(validity.until)
  if (cnf !== undefined) members.cnf = cnf
  return members
}

function sdJwtVc({ type, request }: Common, members: JsonObject): CredentialDraft {
  const { issuer, claims, listBase, status } = request
  const isByCertificate = issuer.x5c !== undefined && issuer.x5c.length > 0
  const header = isByCertificate
    ? certificateHeader(issuer.x5c!)
    : { alg: 'ES256', typ: 'dc+sd-jwt', kid: issuer.kid }
  const payload: JsonObject = isByCertificate ? {} : { iss: issuer.did }
  payload.vct = type.uri
  payload['vct#integrity'] = typeDocuments(type).metadata.integrity
  Object.assign(payload, members, claims)
  if (listBase !== undefined) {
    const uri = listAddress(listBase, issuer.did, status.list, 'token')
    payload.status = { status_list: { idx: status.index, uri } }
  }
  payload._sd_alg = 'sha-256'
  const disclosable = disclosablePointers(type.fields, claims, '')
  return { format: 'dc+sd-jwt', header, payload, disclosable }
}

const certificateHeaders = new WeakMap<readonly string[], JsonObject>()

/** Drafts under one frozen list share a header, so that it travels to a thread once a task. */
function certificateHeader(x5c: readonly string[]): JsonObject {
  const known = certificateHeaders.get(x5c)
  if (known !== undefined) return known
  const certificates = [...x5c]
  Object.freeze(certificates)
  const header: JsonObject = Object.freeze({ alg: 'ES256', typ: 'dc+sd-jwt', x5c: certificates })
  // A list that could still change is not remembered.
  if (Object.isFrozen(x5c)) certificateHeaders.set(x5c, header)
  return header
}

function dateTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

// VC Data Model 2.0, section 4.
function vc20(
  { type, request, validity, holderDid }: Common,
  members: JsonObject,
  format: 'vc+jwt' | 'vc+sd-jwt',
): CredentialDraft {
  const { issuer, claims, listBase } = request
  const payload: JsonObject = {
    '@context': ['https://www.w3.org/ns/credentials/v2', contextUri(type)],
    type: ['VerifiableCredential', credentialTypeName(type)],
    iss: issuer.did,
    issuer: issuer.did,
    validFrom: dateTime(validity.from),
  }
  if (validity.until !== undefined) payload.validUntil = dateTime(validity.until)
  payload.credentialSubject = subject(holderDid, claims)
  payload.credentialSchema = { id: type.uri, type: 'JsonSchema' }
  if (listBase !== undefined) payload.credentialStatus = bitstringEntries(listBase, request)
  Object.assign(payload, members)
  const isSelective = format === 'vc+sd-jwt'
  if (isSelective) payload._sd_alg = 'sha-256'
  return {
    format,
    header: { alg: 'ES256', typ: format, cty: 'vc', kid: issuer.kid },
    payload,
    disclosable: isSelective ? disclosablePointers(type.fields, claims, '/credentialSubject') : [],
  }
}

// Bitstring Status List 1.0, section 2.1: one entry a purpose.
function bitstringEntries(base: string, { issuer, status }: DraftRequest): JsonObject[] {
  return (['revocation', 'suspension', 'refresh'] as const).map((statusPurpose) => ({
    type: 'BitstringStatusListEntry',
    statusPurpose,
    statusListIndex: String(status.index),
    statusListCredential: listAddress(base, issuer.did, status.list, statusPurpose),
  }))
}

// VC Data Model 1.1, section 6.3.1.
function vc11({ type, request, holderDid }: Common, members: JsonObject): CredentialDraft {
  const { issuer, claims } = request
  const payload: JsonObject = { iss: issuer.did }
  if (holderDid !== undefined) payload.sub = holderDid
  Object.assign(payload, members)
  payload.vc = {
    '@context': ['https://www.w3.org/2018/credentials/v1', contextUri(type)],
    type: ['VerifiableCredential', credentialTypeName(type)],
    credentialSubject: subject(holderDid, claims),
    credentialSchema: { id: type.uri, type: 'JsonSchema' },
  }
  const header = { alg: 'ES256', typ: 'JWT', kid: issuer.kid }
  return { format: 'jwt_vc', header, payload, disclosable: [] }
}

function subject(id: string | undefined, claims: JsonObject): JsonObject {
  return id === undefined ? { ...claims } : { id, ...claims }
}
