import { InputError } from '../errors.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i

/** base64url without padding (RFC 4648 section 5), without help from the platform. */
export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const characters = Math.min(bytes.length - i, 3) + 1
    for (let j = 0; j < characters; j++) text += alphabet[(group >> (18 - 6 * j)) & 63]
  }
  return text
}

/**
 * Reads base64url in its one spelling, without help from the platform.
 *
 * @throws {InputError} `credential/bad-base64url`
 */
export function fromBase64url(text: string): Uint8Array {
  const tail = text.length % 4
  if (tail === 1) throw new InputError('credential/bad-base64url')
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let group = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const value = code < 128 ? values[code]! : -1
    if (value < 0) throw new InputError('credential/bad-base64url', { at: i })
    group = ((group << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (group >> bits) & 0xff
    }
  }
  // Unused bits must be zero, or one token would have several spellings.
  if ((group & ((1 << bits) - 1)) !== 0) throw new InputError('credential/bad-base64url')
  return bytes
}
