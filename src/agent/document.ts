import type { VerifiableCredential } from '@veramo/core-types'
import { equalJson } from '../credential/equal.ts'
import type { Json, JsonObject, ParsedCredential } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { InputError } from '../errors.ts'

/** Veramo's name for a proof that is the token itself. */
const proofType = 'JwtProof2020'

/**
 * A token as the object that Veramo's callers pass around: its VC members, or for an SD-JWT VC its claims
 * as subject, with the token as proof. The token counts; the object only shows what it says.
 *
 * @throws {InputError} whatever `parseCredential` refuses.
 */
export function documentOf(token: string): VerifiableCredential {
  const credential = parseCredential(token)
  return { ...members(credential), proof: { type: proofType, jwt: token } } as never
}

/**
 * The token of what a caller gives: a string, or an object of {@link documentOf} that still says what its
 * token says.
 *
 * @throws {InputError} `agent/not-as-signed` if object and token differ, `agent/no-token` if there is none.
 */
export function tokenOf(document: unknown): string {
  if (typeof document === 'string') return document
  const { proof, ...shown } = (document ?? {}) as { proof?: { jwt?: unknown } }
  const token = proof?.jwt
  if (typeof token !== 'string') throw new InputError('agent/no-token')
  if (!equalJson(members(parseCredential(token)), shown))
    throw new InputError('agent/not-as-signed')
  return token
}

function members({
  format,
  payload,
  claims,
  issuer,
  certificateType,
}: ParsedCredential): JsonObject {
  switch (format) {
    case 'jwt_vc':
      return {
        ...(payload.vc as JsonObject),
        issuer: { id: payload.iss as Json },
      }
    case 'dc+sd-jwt':
      return {
        '@context': ['https://www.w3.org/ns/credentials/v2'],
        type: ['VerifiableCredential'],
        ...(issuer !== undefined && { issuer }),
        ...(certificateType !== undefined && {
          credentialSchema: { id: certificateType, type: 'JsonSchema' },
        }),
        credentialSubject: claims,
      }
    default: {
      const vc: JsonObject = {}
      for (const name of vcMembers) if (Object.hasOwn(payload, name)) vc[name] = payload[name]!
      return vc
    }
  }
}

/** Members of VC Data Model 2.0; the rest of the payload is the JWT's. */
const vcMembers = [
  '@context',
  'id',
  'type',
  'issuer',
  'validFrom',
  'validUntil',
  'credentialSubject',
  'credentialSchema',
  'credentialStatus',
]
