import { decodeBase64url, decodeUtf8, importPublicKey, verifySignature } from '#primitives'
import {
  readObject,
  readSeconds,
  readString,
  readStrings,
  readUint,
  required,
} from '../credential/claims.ts'
import { isJsonObject, parseJsonObject } from '../credential/json.ts'
import { parseJws, type TokenType } from '../credential/jws.ts'
import type { Json, JsonObject, PublicJwk } from '../credential/model.ts'
import { InputError, isWeirError, OutsideError, TrustError } from '../errors.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { Inflate } from '../ports/inflate.ts'
import { readEnvelope } from '../vcdm/envelope.ts'
import { readPeriod } from '../vcdm/validity.ts'
import { type StatusEntry, statusEntries } from './foreignEntry.ts'

/** What it takes to read lists of other issuers. */
export type ForeignLists = {
  readonly fetch: Fetch
  readonly inflate: Inflate
  /** Keys that the issuer makes statements with. A token's `kid` only narrows them; none: refused. */
  readonly keysOf: (issuer: string, kid: string | undefined) => Promise<readonly PublicJwk[]>
  /**
   * Checks the Data Integrity proof of a list credential by this issuer; where absent, such lists are
   * refused. @throws {TrustError} `signature/bad`
   */
  readonly checkProof?: (document: JsonObject, issuer: string) => Promise<void>
}

/** What one entry says. */
export type ForeignStatus = {
  /** `other`: a meaning of the issuer's own, a message or a hint to refresh, which ends nothing. */
  readonly state: 'valid' | 'revoked' | 'suspended' | 'other'
  readonly value: number
  readonly purpose: string
}

const maxListBytes = 2 * 1024 * 1024
const maxOpenBytes = 8 * 1024 * 1024
/** W3C Bitstring Status List v1.0, section 3.3: 131,072 entries at least. */
const fewestEntries = 131_072
const maxClockSkew = 60_000

/**
 * Reads what a foreign issuer publishes about a credential **whose signature was verified before**: its
 * addresses are the issuer's word then. Only whole lists are asked for, and only the issuer's own are believed.
 *
 * @param credential its issuer, and the payload that was signed.
 * @returns one status for each entry; empty if it names none.
 * @throws {InputError} `status/bad-entry`, `fetch/bad-address`; `status/bad-index`, `status/bad-list`
 * @throws {TrustError} `signature/no-key`, `signature/bad`; `status/other-list`, `status/stale-list`
 * @throws {OutsideError} `status/list-not-served`, `fetch/*`: nothing is known then.
 */
export async function readForeignStatus(
  lists: ForeignLists,
  credential: { readonly issuer: string; readonly payload: JsonObject },
  now: Date,
): Promise<ForeignStatus[]> {
  const statuses: ForeignStatus[] = []
  for (const entry of statusEntries(credential.payload)) {
    if (entry.kind === 'unknown') throw new InputError('status/bad-entry', { why: 'kind' })
    statuses.push(await readEntry(lists, entry, credential.issuer, now))
  }
  return statuses
}

type KnownEntry = Exclude<StatusEntry, { kind: 'unknown' }>

const accepted = {
  token: 'application/statuslist+jwt',
  bitstring: 'application/vc+jwt, application/vc;q=0.9, application/json;q=0.8',
}

async function readEntry(
  lists: ForeignLists,
  entry: KnownEntry,
  issuer: string,
  now: Date,
): Promise<ForeignStatus> {
  const { status, headers, body } = await lists.fetch({
    url: entry.url,
    headers: { accept: accepted[entry.kind] },
    maxBytes: maxListBytes,
  })
  if (status !== 200) throw new OutsideError('status/list-not-served', { status })
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  try {
    return entry.kind === 'token'
      ? await readTokenList(lists, { mediaType, body }, entry, issuer, now)
      : await readBitstring(lists, { mediaType, body }, entry, issuer, now)
  } catch (error) {
    if (!isWeirError(error)) throw error
    const isOwn = /^(?:status|signature|fetch)\//.test(error.code)
    throw isOwn ? error : new InputError('status/bad-list', { why: error.code, cause: error })
  }
}

type Answered = { readonly mediaType: string; readonly body: Uint8Array }

/** IETF Token Status List, sections 5.1 and 8.3. */
async function readTokenList(
  lists: ForeignLists,
  { mediaType, body }: Answered,
  { url, index }: Extract<StatusEntry, { kind: 'token' }>,
  issuer: string,
  now: Date,
): Promise<ForeignStatus> {
  if (mediaType !== 'application/statuslist+jwt') throw badList('media type')
  const claims = await readJwt(lists, decodeUtf8(body).trim(), 'statuslist+jwt', issuer)
  if (claims.sub !== url) throw new TrustError('status/other-list')
  checkTimes(required(readSeconds(claims.iat, 'iat'), 'iat'), readSeconds(claims.exp, 'exp'), now)
  const list = readObject(required(claims.status_list, 'status_list'), 'status_list')!
  const bits = readUint(required(list.bits, 'bits'), 'bits', 8)!
  if (![1, 2, 4, 8].includes(bits)) throw badList('bits')
  if (typeof list.lst !== 'string') throw badList('lst')
  const bytes = await lists.inflate(decodeBase64url(list.lst), 'zlib', maxOpenBytes)
  const perByte = 8 / bits
  const byte = bytes[Math.floor(index / perByte)]
  if (byte === undefined) throw new InputError('status/bad-index', { index })
  const value = (byte >>> ((index % perByte) * bits)) & (2 ** bits - 1)
  // Section 7.1: 0 VALID, 1 INVALID, 2 SUSPENDED; others belong to an application.
  const state = (['valid', 'revoked', 'suspended'] as const)[value] ?? 'other'
  return { state, value, purpose: 'status' }
}

/** W3C Bitstring Status List v1.0, section 3.2. */
async function readBitstring(
  lists: ForeignLists,
  answered: Answered,
  { url, index, purpose, size }: Extract<StatusEntry, { kind: 'bitstring' }>,
  issuer: string,
  now: Date,
): Promise<ForeignStatus> {
  const credential = await readListCredential(lists, answered, issuer)
  if (credential.id !== undefined && credential.id !== url)
    throw new TrustError('status/other-list')
  if (partyOf(credential.issuer) !== issuer) throw new TrustError('status/other-list')
  const types = readStrings(required(credential.type, 'type'), 'type')!
  if (!types.includes('BitstringStatusListCredential')) throw badList('type')
  const { from, until } = readPeriod(credential, '2.0')
  checkTimes(from, until, now)
  const subject = readObject(
    required(credential.credentialSubject, 'credentialSubject'),
    'subject',
  )!
  if (subject.type !== 'BitstringStatusList') throw badList('subject type')
  const purposes = readStrings(required(subject.statusPurpose, 'statusPurpose'), 'statusPurpose')!
  if (!purposes.includes(purpose)) throw new TrustError('status/other-list')
  const { encodedList } = subject
  if (typeof encodedList !== 'string' || !encodedList.startsWith('u')) throw badList('encodedList')
  const bytes = await lists.inflate(decodeBase64url(encodedList.slice(1)), 'gzip', maxOpenBytes)
  if (bytes.length * 8 < fewestEntries * size) throw badList('length')
  if ((index + 1) * size > bytes.length * 8) throw new InputError('status/bad-index', { index })
  const value = bitsAt(bytes, index * size, size)
  return { state: stateOf(purpose, value), value, purpose }
}

function stateOf(purpose: string, value: number): ForeignStatus['state'] {
  if (value === 0) return 'valid'
  if (purpose === 'revocation') return 'revoked'
  return purpose === 'suspension' ? 'suspended' : 'other'
}

/** `size` bits from bit `start`, the first the highest. */
function bitsAt(bytes: Uint8Array, start: number, size: number): number {
  let value = 0
  for (let bit = start; bit < start + size; bit += 1) {
    value = value * 2 + ((bytes[Math.floor(bit / 8)]! >>> (7 - (bit % 8))) & 1)
  }
  return value
}

async function readListCredential(
  lists: ForeignLists,
  { mediaType, body }: Answered,
  issuer: string,
): Promise<JsonObject> {
  const text = decodeUtf8(body).trim()
  if (/^application\/(?:vc\+jwt|jwt)$/.test(mediaType))
    return readJwt(lists, text, 'vc+jwt', issuer)
  if (!/^application\/(?:json|vc|ld\+json|vc\+ld\+json)$/.test(mediaType))
    throw badList('media type')
  const document = parseJsonObject(text, { maxLength: maxListBytes })
  if (document.type === 'EnvelopedVerifiableCredential') {
    const { mediaType: inner, token } = readEnvelope(document, 'credential')
    if (inner !== 'application/vc+jwt') throw badList('media type')
    return readJwt(lists, token, 'vc+jwt', issuer)
  }
  if (lists.checkProof === undefined) throw new TrustError('signature/no-key')
  await lists.checkProof(document, issuer)
  return document
}

/** The claims of a JWT that one of the issuer's keys signed. */
async function readJwt(
  { keysOf }: ForeignLists,
  jwt: string,
  type: TokenType,
  issuer: string,
): Promise<JsonObject> {
  const jws = parseJws(jwt, [type], maxListBytes)
  const iss = readString(jws.payload.iss, 'iss')
  if (iss !== undefined && iss !== issuer) throw new TrustError('status/other-list')
  const keys = (await keysOf(issuer, jws.kid)).map(importPublicKey)
  const fitting = keys.filter(({ alg }) => alg === jws.alg)
  if (fitting.length === 0) throw new TrustError('signature/no-key')
  if (!fitting.some((key) => verifySignature(key, jws.signingInput, jws.signature)))
    throw new TrustError('signature/bad')
  return jws.payload
}

function checkTimes(from: Date | undefined, until: Date | undefined, now: Date): void {
  if (from !== undefined && from.getTime() > now.getTime() + maxClockSkew)
    throw new TrustError('status/stale-list', { why: 'not yet' })
  if (until !== undefined && until <= now)
    throw new TrustError('status/stale-list', { why: 'expired' })
}

function partyOf(value: Json | undefined): Json | undefined {
  return isJsonObject(value) ? value.id : value
}

function badList(why: string): InputError {
  return new InputError('status/bad-list', { why })
}
