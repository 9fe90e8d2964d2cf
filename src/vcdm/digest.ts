import { decodeBase64url } from '#primitives'
import { isWeirError } from '../errors.ts'
import { bytesOfMultibase58 } from '../identity/base58.ts'

export type Hash = 'sha256' | 'sha384' | 'sha512'

/** A digest as a document states it. */
export type StatedDigest = { readonly hash: Hash; readonly bytes: Uint8Array }

const lengths: Readonly<Record<Hash, number>> = { sha256: 32, sha384: 48, sha512: 64 }

/** Codes of the hashes in a multihash. */
const multihashes: readonly (readonly [number, Hash])[] = [
  [0x12, 'sha256'],
  [0x20, 'sha384'],
  [0x13, 'sha512'],
]

/**
 * Reads Subresource Integrity metadata: one or more digests in base64, apart by spaces.
 *
 * @returns the digests that have the length of their hash; undefined if the text is no such metadata.
 * @see W3C Subresource Integrity, section 3.5
 */
export function readSri(text: string): readonly StatedDigest[] | undefined {
  const stated: StatedDigest[] = []
  for (const one of text.split(' ')) {
    const match = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?\S*)?$/.exec(one)
    if (match === null) return undefined
    const hash = match[1] as Hash
    const bytes = decode(match[2]!.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'))
    if (bytes !== undefined && bytes.length === lengths[hash]) stated.push({ hash, bytes })
  }
  return stated
}

/**
 * Reads a `digestMultibase`: a multihash in multibase (`u` or `z`), or the 32 bytes of a SHA-256 alone, as
 * the examples of the data model have it.
 *
 * @returns undefined if it is neither.
 * @see Controlled Identifiers 1.0, sections 2.4 and 2.5
 */
export function readMultibaseDigest(text: string): StatedDigest | undefined {
  const bytes = text.startsWith('u') ? decode(text.slice(1)) : decode58(text)
  if (bytes === undefined) return undefined
  if (bytes.length === lengths.sha256) return { hash: 'sha256', bytes }
  const found = multihashes.find(([code]) => code === bytes[0])
  const digest = bytes.subarray(2)
  if (found === undefined || bytes[1] !== digest.length) return undefined
  const [, hash] = found
  return digest.length === lengths[hash] ? { hash, bytes: digest } : undefined
}

function decode(text: string): Uint8Array | undefined {
  try {
    return decodeBase64url(text)
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

function decode58(text: string): Uint8Array | undefined {
  try {
    return bytesOfMultibase58(text)
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
