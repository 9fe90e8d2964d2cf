import { decodeBase64url, decodeUtf8, encodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import { parseJson, parseJsonObject } from './json.ts'
import type { JsonObject } from './model.ts'

/** The kinds of token, told apart by `typ`; none passes for another. */
export type TokenType =
  | 'vc+jwt'
  | 'dc+sd-jwt'
  | 'vc+sd-jwt'
  | 'JWT'
  | 'kb+jwt'
  | 'vp+jwt'
  | 'statuslist+jwt'
  | 'oauth-authz-req+jwt'

/** Header members that each kind may have beside `alg` and `typ`. Keys never come from a header. */
const headerMembers = new Map<string, readonly string[]>([
  ['vc+jwt', ['kid', 'cty']],
  ['dc+sd-jwt', ['kid', 'x5c']],
  ['vc+sd-jwt', ['kid', 'cty']],
  ['JWT', ['kid']],
  ['kb+jwt', []],
  ['vp+jwt', ['kid', 'cty']],
  ['statuslist+jwt', ['kid', 'x5c']],
  ['oauth-authz-req+jwt', ['kid', 'x5c']],
])

const algorithms = new Map([
  ['ES256', 64],
  ['ES256K', 64],
  ['EdDSA', 64],
])

/** Characters of one JWT at most. */
const maxJwt = 65_536

/** A compact JWS taken apart; nothing of it verified. */
export type ParsedJws = {
  readonly typ: TokenType
  readonly header: JsonObject
  readonly alg: string
  readonly kid: string | undefined
  /** DER, leaf first. */
  readonly x5c: readonly Uint8Array[] | undefined
  readonly payload: JsonObject
  /** `BASE64URL(header) || '.' || BASE64URL(payload)`. */
  readonly signingInput: string
  /** r || s, 64 bytes. */
  readonly signature: Uint8Array
}

/**
 * Reads a compact JWS (RFC 7515 section 5.2) of one of the kinds asked for.
 *
 * @param types kinds that the caller takes.
 * @param max characters of the whole; 65,536 for everything that a holder carries.
 * @throws {InputError} `credential/too-large`, `credential/malformed`, `credential/bad-base64url`,
 *   `credential/alg-not-allowed`, `credential/wrong-typ`, `credential/header-not-allowed`, `json/*`.
 */
export function parseJws(compact: string, types: readonly TokenType[], max = maxJwt): ParsedJws {
  if (compact.length > max) throw new InputError('credential/too-large', { max })
  const first = compact.indexOf('.')
  const second = compact.indexOf('.', first + 1)
  if (first < 1 || second < first + 2 || compact.includes('.', second + 1)) {
    throw new InputError('credential/malformed', { why: 'parts' })
  }
  const { header, alg, typ, kid, x5c, signatureLength } = headOf(compact.slice(0, first), types)
  const payload = parseJsonObject(textOf(compact.slice(first + 1, second)), { maxLength: max })
  const signature = decodeBase64url(compact.slice(second + 1))
  if (signature.length !== signatureLength) {
    throw new InputError('credential/malformed', { why: 'signature length' })
  }
  const signingInput = compact.slice(0, second)
  return { typ, header, alg, kid, x5c, payload, signingInput, signature }
}

/** Text behind base64url. @throws {InputError} `credential/bad-base64url`, `json/ill-formed-text` */
export function textOf(encoded: string): string {
  return decodeUtf8(decodeBase64url(encoded))
}

type Head = Pick<ParsedJws, 'header' | 'alg' | 'typ' | 'kid' | 'x5c'> & {
  readonly signatureLength: number
}

let lastEncoded = ''
let lastHead: Head | undefined

/** One key signs many tokens under one header, so the last one read is kept; nobody writes to it. */
function headOf(encoded: string, types: readonly TokenType[]): Head {
  if (lastHead !== undefined && encoded === lastEncoded && types.includes(lastHead.typ)) {
    return lastHead
  }
  const bytes = decodeBase64url(encoded)
  const head = readHead(parseJsonObject(decodeUtf8(bytes)), types)
  // A copy: a slice would keep the whole token in memory.
  lastEncoded = encodeBase64url(bytes)
  lastHead = head
  return head
}

function readHead(header: JsonObject, types: readonly TokenType[]): Head {
  const { alg, kid, cty, x5c } = header
  const signatureLength = typeof alg === 'string' ? algorithms.get(alg) : undefined
  if (signatureLength === undefined) throw new InputError('credential/alg-not-allowed')
  const typ = types.find((type) => type === header.typ)
  if (typ === undefined) {
    throw new InputError('credential/wrong-typ', { expected: types.join(' ') })
  }
  const allowed = headerMembers.get(typ)!
  for (const name in header) {
    if (name !== 'alg' && name !== 'typ' && !allowed.includes(name)) {
      throw new InputError('credential/header-not-allowed', { why: 'member' })
    }
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > 1024)) {
    throw new InputError('credential/header-not-allowed', { why: 'kid' })
  }
  if (cty !== undefined && cty !== (typ === 'vp+jwt' ? 'vp' : 'vc')) {
    throw new InputError('credential/header-not-allowed', { why: 'cty' })
  }
  return {
    header: Object.freeze(header),
    alg: alg as string,
    typ,
    kid,
    x5c: x5c === undefined ? undefined : readCertificates(x5c),
    signatureLength,
  }
}

/** RFC 7515 section 4.1.6: standard base64 of DER, leaf first; at most 4 and 16 kB in all. */
function readCertificates(x5c: unknown): Uint8Array[] {
  const wrong = () => new InputError('credential/header-not-allowed', { why: 'x5c' })
  if (!Array.isArray(x5c) || x5c.length < 1 || x5c.length > 4) throw wrong()
  return x5c.map((text) => {
    if (typeof text !== 'string' || text.length > 22_000 || text.length % 4 !== 0) throw wrong()
    if (/[-_]/.test(text) || !/^[^=]+={0,2}$/.test(text)) throw wrong()
    const encoded = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
    const der = decodeBase64url(encoded)
    if (der[0] !== 0x30) throw wrong()
    return der
  })
}

/**
 * The `typ` in the header of a compact JWS or SD-JWT, read strictly, for those who must choose a reader.
 *
 * @throws {InputError} `credential/malformed`, `credential/wrong-typ`, `credential/bad-base64url`, `json/*`.
 */
export function typOf(token: string): string {
  const end = token.indexOf('.')
  if (end < 1 || end > maxJwt) throw new InputError('credential/malformed', { why: 'parts' })
  const encoded = token.slice(0, end)
  if (lastHead !== undefined && encoded === lastEncoded) return lastHead.typ
  const header = parseJson(textOf(encoded))
  const typ = typeof header === 'object' && header !== null && !Array.isArray(header) && header.typ
  if (typeof typ !== 'string') throw new InputError('credential/wrong-typ')
  return typ
}
