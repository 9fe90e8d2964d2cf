import type { ICreateVerifiableCredentialArgs } from '@veramo/core-types'
import { encodeBase64url, randomBytes } from '#primitives'
import type { CertificateType } from '../certificate/model.ts'
import { credentialTypeName } from '../certificate/names.ts'
import { jwkOfDid } from '../credential/didJwk.ts'
import type { Format, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import type { CertificateRequest } from '../issuer/model.ts'

/** Members of a credential that Weir writes itself, or has no place for. */
const understood = new Set([
  '@context',
  'type',
  'issuer',
  'credentialSubject',
  'credentialSchema',
  'validFrom',
  'validUntil',
  'issuanceDate',
  'expirationDate',
])

/**
 * What a call of `createVerifiableCredential` asks for, as a request to the issuer. The type is the one
 * whose URI stands in `credentialSchema.id` or whose name stands in `type`; the subject's `id`, a
 * did:jwk, is the holder's key; its other members are the claims. `idempotencyKey` may stand beside
 * `proofFormat`; without it every call is another certificate.
 *
 * Veramo writes `issuanceDate` into the caller's own object before a provider is asked; whether the
 * caller wrote it cannot be told any more, so it never counts: `validFrom` does.
 *
 * @throws {InputError} `agent/bad-credential` with the `path` of what is wrong.
 */
export function certificateRequest(
  types: readonly CertificateType[],
  format: Format,
  args: ICreateVerifiableCredentialArgs,
): CertificateRequest {
  const credential = args.credential as Readonly<Record<string, unknown>>
  const unknown = Object.keys(credential).find((member) => !understood.has(member))
  if (unknown !== undefined) throw bad('credential')
  const { id, ...claims } = subjectOf(credential.credentialSubject)
  const validFrom = dateOf(credential.validFrom, 'validFrom')
  const validUntil = dateOf(credential.validUntil ?? credential.expirationDate, 'validUntil')
  return {
    idempotencyKey: keyOf(args.idempotencyKey),
    type: typeOf(types, credential).uri,
    claims: claims as JsonObject,
    formats: [format],
    ...(id !== undefined && { holderKeys: [holderKey(id)] }),
    ...(validFrom && { validFrom }),
    ...(validUntil && { validUntil }),
  }
}

function bad(path: string, cause?: unknown): InputError {
  return new InputError('agent/bad-credential', { path, cause })
}

function typeOf(
  types: readonly CertificateType[],
  { credentialSchema, type }: Readonly<Record<string, unknown>>,
): CertificateType {
  const uri = (credentialSchema as { id?: unknown } | undefined)?.id
  const names = Array.isArray(type) ? type : [type]
  const found = types.filter((one) =>
    uri === undefined ? names.includes(credentialTypeName(one)) : one.uri === uri,
  )
  // Two versions of a type share their name: then the schema must say which.
  if (found.length !== 1) throw bad(uri === undefined ? 'type' : 'credentialSchema.id')
  return found[0]!
}

function subjectOf(subject: unknown): Record<string, unknown> {
  if (typeof subject !== 'object' || subject === null || Array.isArray(subject)) {
    throw bad('credentialSubject')
  }
  return { ...subject }
}

function holderKey(id: unknown) {
  try {
    return jwkOfDid(String(id))
  } catch (cause) {
    throw bad('credentialSubject.id', cause)
  }
}

function dateOf(value: unknown, path: string): Date | undefined {
  if (value === undefined) return undefined
  const date = value instanceof Date || typeof value === 'string' ? new Date(value) : undefined
  if (date === undefined || Number.isNaN(date.getTime())) throw bad(path)
  return date
}

function keyOf(value: unknown): string {
  if (value === undefined) return `agent-${encodeBase64url(randomBytes(16))}`
  if (typeof value !== 'string') throw bad('idempotencyKey')
  return value
}
