import { encodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import type { Format, PreparedCredential } from './model.ts'

/** Characters of a whole SD-JWT, disclosures and key binding included, at most. */
const maxToken = 262_144
const maxDisclosures = 2_000

/** A compact token cut at its tildes. */
export type TokenParts = {
  /** The issuer-signed JWT. */
  readonly jwt: string
  /** Disclosures as they stand; undefined where the token is a plain JWT. */
  readonly disclosures: readonly string[] | undefined
  /** The KB-JWT behind the last tilde. */
  readonly keyBinding: string | undefined
  /** The SD-JWT up to and with the last tilde, over which `sd_hash` is made. */
  readonly unbound: string
}

/**
 * Cuts a compact token: a plain JWT, an SD-JWT (ends in `~`) or an SD-JWT with key binding.
 *
 * @throws {InputError} `credential/too-large`, `credential/malformed` for an empty part.
 * @see RFC 9901, section 4
 */
export function splitToken(token: string): TokenParts {
  if (token.length > maxToken) throw new InputError('credential/too-large', { max: maxToken })
  const last = token.lastIndexOf('~')
  if (last < 0) return { jwt: token, disclosures: undefined, keyBinding: undefined, unbound: token }
  const [jwt, ...disclosures] = token.slice(0, last).split('~')
  if (disclosures.length > maxDisclosures) {
    throw new InputError('credential/too-large', { maxDisclosures })
  }
  if (jwt === undefined || jwt === '' || disclosures.includes('')) {
    throw new InputError('credential/malformed', { why: 'empty part' })
  }
  const keyBinding = last + 1 < token.length ? token.slice(last + 1) : undefined
  return { jwt, disclosures, keyBinding, unbound: token.slice(0, last + 1) }
}

/**
 * The token that a holder receives: `header.payload.signature`, for SD-JWT formats followed by `~`,
 * every disclosure and a `~` after each.
 *
 * @param signature r || s, 64 bytes.
 * @throws {InputError} `credential/malformed` for another length.
 */
export function assembleToken(
  { format, signingInput, disclosures }: Omit<PreparedCredential, 'fingerprint'>,
  signature: Uint8Array,
): string {
  if (signature.length !== 64) {
    throw new InputError('credential/malformed', { why: 'signature length' })
  }
  return joinToken(`${signingInput}.${encodeBase64url(signature)}`, format, disclosures)
}

/** Whether a format is an SD-JWT. */
export function hasDisclosures(format: Format): format is 'dc+sd-jwt' | 'vc+sd-jwt' {
  return format === 'dc+sd-jwt' || format === 'vc+sd-jwt'
}

/** A signed JWT and the disclosures that go beside it, as its format writes them. */
function joinToken(jwt: string, format: Format, disclosures: readonly string[]): string {
  if (!hasDisclosures(format)) return jwt
  return disclosures.length === 0 ? `${jwt}~` : `${jwt}~${disclosures.join('~')}~`
}
