import { encodeBase64url, randomBytes, sha256, sha256Base64url } from '#primitives'
import { hex } from '../../primitives/bytes.ts'

/** A fresh secret of 128 bits, 22 characters. */
export function newSecret(): string {
  return encodeBase64url(randomBytes(16))
}

/** The name under which a secret lies in the session store: 64 hex digits of SHA-256. */
export function nameOf(secret: string): string {
  return hex(sha256(secret))
}

/** Another secret made from one, as strong as that one; neither tells a third. */
export function derived(secret: string, use: 'pre-authorized-code' | 'issuer-state'): string {
  return sha256Base64url(`weir/${use}/1\0${secret}`)
}

/** Whether two strings are equal, in a time that does not depend on where they differ. */
export function isEqual(a: string, b: string): boolean {
  const [one, two] = [sha256(a), sha256(b)]
  let difference = 0
  for (let at = 0; at < one.length; at++) difference |= one[at]! ^ two[at]!
  return difference === 0
}
