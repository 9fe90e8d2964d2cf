import { promisify } from 'node:util'
import { deflate, gzip } from 'node:zlib'
import { encodeBase64url } from '#primitives'
import type { JsonObject } from '../credential/model.ts'
import { type BitstringPurpose, bitstring } from '../status/bitstring.ts'
import type { Entries } from '../status/entries.ts'
import { tokenList } from '../status/tokenList.ts'

/** What a published list says about itself. */
export type ListStatement = {
  /** Where it is published; certificates name it so. */
  readonly uri: string
  /** DID of the department that issued the certificates. */
  readonly issuer: string
  /** Whole seconds. */
  readonly issuedAt: Date
  /** Whole seconds; from then on it says nothing. */
  readonly expiresAt: Date
  /** Seconds for which a reader may keep it before it asks again. */
  readonly timeToLive: number
}

/** The draft recommends the highest level; it takes tens of milliseconds, on another thread. */
const compression = { level: 9 } as const
const zlib = promisify<Uint8Array, typeof compression, Buffer>(deflate)
const zip = promisify<Uint8Array, typeof compression, Buffer>(gzip)

/**
 * The claims of a Status List Token, 2 bits an entry; see {@link tokenList} for the values.
 *
 * @see IETF Token Status List, sections 4.2 and 5.1
 */
export async function statusListClaims(
  entries: Entries,
  statement: ListStatement,
): Promise<JsonObject> {
  const { uri, issuedAt, expiresAt, timeToLive } = statement
  const list = await zlib(tokenList(entries), compression)
  return {
    sub: uri,
    iat: seconds(issuedAt),
    exp: seconds(expiresAt),
    ttl: timeToLive,
    status_list: { bits: 2, lst: encodeBase64url(list) },
  }
}

/**
 * A status list as a credential, one bit an entry.
 *
 * @see W3C Bitstring Status List v1.0, section 2.2
 */
export async function statusListCredential(
  entries: Entries,
  purpose: BitstringPurpose,
  statement: ListStatement,
): Promise<JsonObject> {
  const { uri, issuer, issuedAt, expiresAt, timeToLive } = statement
  const list = await zip(bitstring(entries, purpose), compression)
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    id: uri,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer,
    validFrom: dateTime(issuedAt),
    validUntil: dateTime(expiresAt),
    credentialSubject: {
      id: `${uri}#list`,
      type: 'BitstringStatusList',
      statusPurpose: purpose,
      encodedList: `u${encodeBase64url(list)}`,
      // This one is in milliseconds.
      ttl: timeToLive * 1000,
    },
  }
}

/** The same secured as a JWT: its members beside the registered claims. VC-JOSE-COSE, section 3.1. */
export function credentialClaims(credential: JsonObject, statement: ListStatement): JsonObject {
  const { issuer, issuedAt, expiresAt } = statement
  return { ...credential, iss: issuer, iat: seconds(issuedAt), exp: seconds(expiresAt) }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function dateTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
