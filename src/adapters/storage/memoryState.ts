import type { AuditStore } from '../../ports/audit.ts'
import type { CopyRecord } from '../../ports/certificates.ts'
import type { HeldRecord } from '../../ports/holder.ts'
import type { StatusRequest } from '../../ports/lists.ts'
import type { ChainStep, LeafFile } from '../../ports/mirror.ts'
import type { Batch } from '../../ports/outbox.ts'
import type { Session } from '../../ports/sessions.ts'

/** One status list. */
export type List = { list: number; key: Uint8Array; next: number; isClosed: boolean }

/** Everything one memory store holds. */
export type Memory = {
  readonly copies: Map<number, CopyRecord>
  readonly batches: Map<string, Batch>
  readonly requests: StatusRequest[]
  readonly lists: Map<string, List[]>
  readonly fences: Map<string, number>
  readonly held: Map<string, HeldRecord>
  readonly lines: Awaited<ReturnType<AuditStore['scan']>>
  readonly sessions: Map<string, Session>
  readonly leafFiles: Map<string, LeafFile>
  readonly steps: Map<string, ChainStep[]>
  isOpen: boolean
}

/** Whether a copy is free to join a batch. */
export function isWaiting(copy: Pick<CopyRecord, 'state' | 'sequence'> | undefined): boolean {
  return copy?.state === 'durable' && copy.sequence === undefined
}

/** Replaces parts of a copy's record. */
export function change(copies: Memory['copies'], id: number, part: Partial<CopyRecord>): void {
  const copy = copies.get(id)
  if (copy !== undefined) copies.set(id, { ...copy, ...part })
}
