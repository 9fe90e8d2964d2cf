import { InputError } from '../errors.ts'
import { readDateTime, readObject, readString, readStrings, required } from './claims.ts'
import { isJsonObject } from './json.ts'
import type { Json, JsonObject } from './model.ts'

/** What a credential's body says, whatever secures it. */
export type CredentialBody = {
  readonly issuer: string | undefined
  readonly certificateType: string | undefined
  readonly validFrom: Date | undefined
  readonly validUntil: Date | undefined
  readonly claims: JsonObject
}

/** A version of the data model: its base context, and how it names the period of validity. */
export type DataModel = {
  readonly context: string
  readonly from: string
  readonly until: string
}

export const dataModel2: DataModel = {
  context: 'https://www.w3.org/ns/credentials/v2',
  from: 'validFrom',
  until: 'validUntil',
}

export const dataModel1: DataModel = {
  context: 'https://www.w3.org/2018/credentials/v1',
  from: 'issuanceDate',
  until: 'expirationDate',
}

/** What the URI of every certificate type begins with. */
const certificateTypePrefix = 'urn:weir:certificate:'

/**
 * Reads the body of a W3C Verifiable Credential.
 *
 * @param vc the payload itself (Data Model 2.0) or its `vc` member (1.1, VC-DATA-MODEL section 6.3.1).
 * @param model whose base context must be the first.
 * @throws {InputError} `credential/missing-claim`, `credential/bad-claim`.
 */
export function readVc(vc: JsonObject, { context, from, until }: DataModel): CredentialBody {
  if (!Array.isArray(vc['@context'])) throw bad('@context')
  if (readStrings(vc['@context'], '@context')![0] !== context) throw bad('@context')
  const types = readStrings(required(vc.type, 'type'), 'type')!
  if (!types.includes('VerifiableCredential')) throw bad('type')
  const subject = readObject(
    required(vc.credentialSubject, 'credentialSubject'),
    'credentialSubject',
  )!
  readString(subject.id, 'credentialSubject.id')
  readTyped(vc.credentialStatus, 'credentialStatus')
  const claims: JsonObject = Object.create(null)
  for (const name in subject) if (name !== 'id') claims[name] = subject[name]!
  return {
    issuer: readIssuer(vc.issuer),
    certificateType: readTyped(vc.credentialSchema, 'credentialSchema').find((id) =>
      id.startsWith(certificateTypePrefix),
    ),
    validFrom: readDateTime(vc[from], from),
    validUntil: readDateTime(vc[until], until),
    claims,
  }
}

function bad(path: string): InputError {
  return new InputError('credential/bad-claim', { path })
}

function readIssuer(value: Json | undefined): string | undefined {
  return isJsonObject(value)
    ? readString(required(value.id, 'issuer.id'), 'issuer.id')
    : readString(value, 'issuer')
}

/** One object or a list of objects that each have a `type`; answers their ids. */
function readTyped(value: Json | undefined, path: string): string[] {
  if (value === undefined) return []
  const list = Array.isArray(value) ? value : [value]
  if (list.length > 16) throw bad(path)
  return list.flatMap((element) => {
    const object = readObject(element, path)!
    readStrings(required(object.type, `${path}.type`), `${path}.type`)
    return readString(object.id, `${path}.id`) ?? []
  })
}
