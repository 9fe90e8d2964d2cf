import { isDeepStrictEqual } from 'node:util'

/**
 * Whether two files say the same though their text differs: spaces, the order of members, the case of hex
 * digits, a hash in base64url; in saved evidence another slot proven in place of slot zero, which stands
 * there for its account's sake only and no check reads. Nothing of that is signed, and a file may be
 * written in either way.
 */
export function saysTheSame(original: string, other: string): boolean {
  if (original.trim() === other.trim()) return true
  const [a, b] = [parsed(original), parsed(other)]
  if (a === undefined || b === undefined) return false
  return isDeepStrictEqual(plain(essence(a, a)), plain(essence(b, a)))
}

type Stored = { slot: string }
type EvidenceJson = { proof?: { accounts?: { storage?: Stored[] }[] } }

/** A file without the slots that its original does not prove, and without slot zero. */
function essence(file: unknown, original: unknown): unknown {
  const accounts = (file as EvidenceJson)?.proof?.accounts
  const known = (original as EvidenceJson)?.proof?.accounts
  if (!Array.isArray(accounts) || !Array.isArray(known)) return file
  const copy = structuredClone(file) as { proof: { accounts: { storage?: Stored[] }[] } }
  for (const [at, account] of copy.proof.accounts.entries()) {
    const names = new Set(known[at]?.storage?.map(({ slot }) => slot))
    names.delete(`0x${'0'.repeat(64)}`)
    account.storage = account.storage?.filter(({ slot }) => names.has(slot)) ?? []
  }
  return copy
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
