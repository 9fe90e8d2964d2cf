/** One line of who did what; no claims. */
export type AuditEntry = {
  readonly at: Date
  readonly actor: string
  readonly action: string
  /** Digest, address or sequence; never a person. */
  readonly subject: string
  readonly detail: Readonly<Record<string, string | number | boolean>>
}

/** Append-only and hash-chained. */
export interface AuditStore {
  append(entries: readonly AuditEntry[]): Promise<void>
  scan(after: number, limit: number): Promise<{ id: number; hash: string; entry: AuditEntry }[]>
}
