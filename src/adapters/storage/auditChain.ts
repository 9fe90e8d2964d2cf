import { hash } from 'node:crypto'
import type { AuditEntry } from '../../ports/audit.ts'

/** The hash before the first line. */
export const noHash = '0'.repeat(64)

/**
 * An entry as the bytes that are hashed: a JSON array in fixed order, the members of `detail` sorted
 * by name, so that equal entries give equal bytes in any database.
 */
export function auditText({ at, actor, action, subject, detail }: AuditEntry): string {
  const members = Object.keys(detail).sort()
  const pairs = members.map((name) => [name, detail[name]])
  return JSON.stringify([at.toISOString(), actor, action, subject, pairs])
}

/** Reads back what {@link auditText} wrote. */
export function auditEntry(text: string): AuditEntry {
  const [at, actor, action, subject, pairs] = JSON.parse(text)
  return { at: new Date(at), actor, action, subject, detail: Object.fromEntries(pairs) }
}

/**
 * The hash of one line: SHA-256 over the previous line's hash (64 hex digits), a line feed and
 * {@link auditText}.
 *
 * @returns 64 hex digits.
 */
export function auditHash(previous: string, text: string): string {
  return hash('sha256', `${previous}\n${text}`)
}

/**
 * The first line that somebody changed, removed or slipped in, if any; lines in id order, from the
 * first on or following `previous`. Ids follow one another without a gap.
 */
export function firstBrokenLine(
  lines: readonly { readonly id: number; readonly hash: string; readonly entry: AuditEntry }[],
  previous: { readonly id: number; readonly hash: string } = { id: 0, hash: noHash },
): number | undefined {
  let last = previous
  for (const line of lines) {
    if (line.id !== last.id + 1) return last.id + 1
    if (line.hash !== auditHash(last.hash, auditText(line.entry))) return line.id
    last = line
  }
  return undefined
}
