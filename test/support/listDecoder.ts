import { createPublicKey, type JsonWebKey, verify, X509Certificate } from 'node:crypto'
import { gunzipSync, inflateSync } from 'node:zlib'

/** A reader of published status lists that shares no code with Weir: written from the specifications. */

type Jwt = { header: Record<string, unknown>; payload: Record<string, unknown>; text: string }

const mostBytes = 4_000_000

function jwtOf(compact: string): Jwt {
  const [header, payload] = compact
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')))
  return { header, payload, text: compact }
}

function refuse(why: string): never {
  throw new Error(why)
}

function checkSignature({ header, text }: Jwt, key: JsonWebKey): void {
  const at = text.lastIndexOf('.')
  const signature = Buffer.from(text.slice(at + 1), 'base64url')
  const publicKey = createPublicKey({ key, format: 'jwk' } as never)
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  if (header.alg !== 'ES256') refuse('alg')
  if (!verify('sha256', Buffer.from(text.slice(0, at)), options, signature)) refuse('signature')
}

/** The key of the first certificate of `x5c`, once the chain leads to the root. HAIP 1.0. */
export function keyByCertificate(compact: string, root: Uint8Array): JsonWebKey {
  const { x5c } = jwtOf(compact).header as { x5c: string[] }
  const chain = [...x5c.map((text) => Buffer.from(text, 'base64')), root].map(
    (der) => new X509Certificate(der),
  )
  for (const [at, one] of chain.entries()) {
    const above = chain[Math.min(at + 1, chain.length - 1)]!
    if (!one.checkIssued(above) || !one.verify(above.publicKey)) refuse('chain')
  }
  return chain[0]!.publicKey.export({ format: 'jwk' }) as JsonWebKey
}

/** Section 8.3 of the Token Status List draft: the status at an index. */
export function tokenStatus(
  compact: string,
  reference: { uri: string; idx: number },
  key: JsonWebKey,
  now: Date,
): number {
  const jwt = jwtOf(compact)
  if (jwt.header.typ !== 'statuslist+jwt') refuse('typ')
  checkSignature(jwt, key)
  const { sub, iat, exp, ttl, status_list } = jwt.payload as {
    [name: string]: number
  } & { sub: string; status_list: { bits: number; lst: string } }
  if (sub !== reference.uri) refuse('sub')
  if (!Number.isInteger(iat) || (ttl !== undefined && !(ttl > 0))) refuse('claims')
  if (exp !== undefined && exp * 1000 <= now.getTime()) refuse('expired')
  return entryOf(status_list, reference.idx)
}

/** Section 4.1: the first entry in the lowest bits of the first byte. */
export function entryOf({ bits, lst }: { bits: number; lst: string }, index: number): number {
  if (![1, 2, 4, 8].includes(bits)) refuse('bits')
  const bytes = inflateSync(Buffer.from(lst, 'base64url'), { maxOutputLength: mostBytes })
  const place = index * bits
  const byte = bytes[place >> 3] ?? refuse('index')
  return (byte >> (place & 7)) & ((1 << bits) - 1)
}

type ListCredential = {
  type: string[]
  validFrom: string
  validUntil: string
  id: string
  issuer: string
  credentialSubject: { type: string; statusPurpose: string; encodedList: string }
}
type Entry = { statusPurpose: string; statusListCredential: string; statusListIndex: string }

/** A list that came as `application/vc+jwt`. VC-JOSE-COSE, section 3.1.1. */
export function securedCredential(compact: string, key: JsonWebKey): ListCredential {
  const jwt = jwtOf(compact)
  if (jwt.header.typ !== 'vc+jwt') refuse('typ')
  checkSignature(jwt, key)
  return jwt.payload as unknown as ListCredential
}

/** Section 3.2 of Bitstring Status List: whether the bit of a credential's entry is set. */
export function bitstringStatus(list: ListCredential, entry: Entry, now: Date): boolean {
  if (!list.type.includes('BitstringStatusListCredential')) refuse('type')
  if (list.id !== entry.statusListCredential) refuse('id')
  const { type, statusPurpose, encodedList } = list.credentialSubject
  if (type !== 'BitstringStatusList' || statusPurpose !== entry.statusPurpose) refuse('purpose')
  if (new Date(list.validFrom) > now) refuse('early')
  if (new Date(list.validUntil) <= now) refuse('expired')
  return bitOf(encodedList, Number(entry.statusListIndex))
}

/** Sections 3.3 and 3.4: the first entry in the highest bit of the first byte. */
export function bitOf(encodedList: string, index: number): boolean {
  if (!encodedList.startsWith('u')) refuse('multibase')
  const zipped = Buffer.from(encodedList.slice(1), 'base64url')
  const bytes = gunzipSync(zipped, { maxOutputLength: mostBytes })
  if (bytes.length * 8 < 131_072) refuse('length')
  const byte = bytes[index >> 3] ?? refuse('index')
  return (byte & (128 >> (index & 7))) !== 0
}
