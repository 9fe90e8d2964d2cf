import { sha256 } from '#primitives'
import { checkClaims } from '../certificate/claims.ts'
import { isHolderKey } from '../certificate/holderKey.ts'
import type { CertificateType } from '../certificate/model.ts'
import { findType } from '../certificate/types.ts'
import type { Format, Json, JsonObject, PublicJwk } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { hex } from '../primitives/bytes.ts'
import type { CertificateRequest } from './model.ts'

const formats: readonly string[] = ['vc+jwt', 'dc+sd-jwt', 'vc+sd-jwt', 'jwt_vc'] satisfies Format[]

/** Copies of one certificate at most, and characters of an idempotency key or identifier. */
const maximumCopies = 100
const maximumText = 200

/** The certificate that a new one replaces: its fingerprints, 64 hex digits, by copy and format. */
export type Replaced = {
  readonly idempotencyKey: string
  readonly version: number
  readonly fingerprints: readonly { copy: number; format: Format; fingerprint: string }[]
}

/** A request that was checked, and the digest under which it is known. */
export type CheckedRequest = {
  readonly request: CertificateRequest
  readonly type: CertificateType
  readonly claims: JsonObject
  readonly formats: readonly Format[]
  /** One for each copy. */
  readonly holders: readonly (PublicJwk | undefined)[]
  readonly replaced: Replaced | undefined
  /** SHA-256, 64 hex digits. */
  readonly hash: string
}

/**
 * Checks a request against its certificate type.
 *
 * @throws {InputError} `issue/bad-request` with the `path` of what is wrong, and whatever `findType` and
 * `checkClaims` refuse.
 */
export function checkRequest(
  types: readonly CertificateType[],
  request: CertificateRequest,
  replaced?: Replaced,
): CheckedRequest {
  requireText(request.idempotencyKey, 'idempotencyKey')
  if (request.certificate !== undefined) requireText(request.certificate, 'certificate')
  const type = findType(request.type, types)
  const claims = checkClaims(type, request.claims)
  const chosen = request.formats ?? ['vc+jwt', 'dc+sd-jwt']
  const known = chosen.every((format) => formats.includes(format))
  if (!known || chosen.length === 0 || new Set(chosen).size < chosen.length) throw bad('formats')
  const holders = holdersOf(request.holderKeys)
  for (const path of ['validFrom', 'validUntil'] as const) {
    const date = request[path]
    if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime())))
      throw bad(path)
  }
  const { validFrom, validUntil, certificate } = request
  const hash = digest([
    type.uri,
    claims,
    [...chosen],
    holders.map((key) => (key === undefined ? null : [key.kty, key.crv, key.x, key.y ?? null])),
    [validFrom?.toISOString() ?? null, validUntil?.toISOString() ?? null],
    certificate ?? null,
    replaced?.idempotencyKey ?? null,
  ])
  return { request, type, claims, formats: chosen, holders, replaced, hash }
}

function holdersOf(keys: readonly PublicJwk[] | undefined): (PublicJwk | undefined)[] {
  if (keys === undefined) return [undefined]
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maximumCopies) {
    throw bad('holderKeys')
  }
  const names = keys.map((key) => `${key.crv} ${key.x} ${key.y}`)
  // Two copies under one key could be linked by it.
  if (new Set(names).size < names.length) throw bad('holderKeys')
  if (!keys.every(isHolderKey)) throw bad('holderKeys')
  return [...keys]
}

function requireText(value: unknown, path: string): void {
  const isText = typeof value === 'string' && value !== '' && value.length <= maximumText
  if (!isText || !value.isWellFormed()) throw bad(path)
}

function bad(path: string): InputError {
  return new InputError('issue/bad-request', { path })
}

/** Members of claims stand in the type's order (`checkClaims`), so one request has one digest. */
function digest(members: Json): string {
  return hex(sha256(`weir/request/1\0${JSON.stringify(members)}`))
}
