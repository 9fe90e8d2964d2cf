import { isDeepStrictEqual } from 'node:util'

/**
 * Whether two files say the same though their text differs: spaces, the order of members, the case of hex
 * digits, a hash in base64url. Nothing of that is signed, and a file may be written in either way. Also
 * one that shows less: an SD-JWT whose last disclosures are cut off.
 */
export function saysTheSame(one: string, other: string): boolean {
  if (one.trim() === other.trim()) return true
  const [a, b] = [parsed(one), parsed(other)]
  return a !== undefined && b !== undefined && isDeepStrictEqual(plain(a), plain(b))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'string') return plainText(value)
  if (typeof value !== 'object' || value === null) return value
  // The absent and the empty proof are one.
  const members = Object.entries(value).filter(([, own]) => own !== null)
  return Object.fromEntries(members.map(([name, own]) => [name, plain(own)]))
}

function plainText(text: string): string {
  const bytes =
    text.length === 43 && !text.includes('.') ? Buffer.from(text, 'base64url') : undefined
  if (bytes?.length === 32) return bytes.toString('hex')
  const hex = /^(?:0x)?([0-9a-fA-F]{40,})$/.exec(text)
  return hex === null ? text.trim() : hex[1]!.toLowerCase()
}
