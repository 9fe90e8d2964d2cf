import { createHash } from 'node:crypto'
import type { SignerKey } from '../../src/ports/signing.ts'

/** SHA-256, hex, of a text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Which key signed a token, as its header says: by certificate or by name. */
export function signerOf(token: string): string {
  const [header = ''] = token.split('.', 1)
  const { x5c, kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
  return digest(x5c?.[0] ?? kid)
}

/** All that {@link signerOf} may say of tokens signed with this key. */
export function marksOf({ kid, x5c }: Pick<SignerKey, 'kid' | 'x5c'>): string[] {
  return [kid, ...x5c.slice(0, 1).map((der) => Buffer.from(der).toString('base64'))].map(digest)
}
