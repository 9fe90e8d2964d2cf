import { InputError, OutsideError } from '../../errors.ts'
import type { AuditStore } from '../../ports/audit.ts'
import type { HolderStore } from '../../ports/holder.ts'
import { auditHash, auditText, noHash } from './auditChain.ts'
import { memoryCertificates, memoryErasure, memoryQueue } from './memoryCopies.ts'
import { memoryJournal, memoryLeaves } from './memoryLeaves.ts'
import { memoryLists } from './memoryLists.ts'
import { memoryOutbox } from './memoryOutbox.ts'
import { memorySessions } from './memorySessions.ts'
import type { Memory } from './memoryState.ts'
import { memoryWebhooks } from './memoryWebhooks.ts'
import type { Store } from './openStore.ts'

/** The stores without a database, for tests: same answers, nothing kept. */
export function memoryStore(): Store {
  const memory: Memory = {
    copies: new Map(),
    batches: new Map(),
    requests: [],
    lists: new Map(),
    fences: new Map(),
    held: new Map(),
    lines: [],
    sessions: new Map(),
    leafFiles: new Map(),
    steps: new Map(),
    isOpen: true,
  }
  return {
    certificates: whileOpen(memory, memoryCertificates(memory)),
    erasure: whileOpen(memory, memoryErasure(memory)),
    queue: whileOpen(memory, memoryQueue(memory)),
    outbox: whileOpen(memory, memoryOutbox(memory)),
    lists: whileOpen(memory, memoryLists(memory)),
    holder: whileOpen(memory, memoryHolder(memory)),
    audit: whileOpen(memory, memoryAudit(memory)),
    sessions: whileOpen(memory, memorySessions(memory)),
    webhooks: whileOpen(memory, memoryWebhooks(memory)),
    leaves: whileOpen(memory, memoryLeaves(memory)),
    journal: whileOpen(memory, memoryJournal(memory)),
    check: async () => [],
    backup: async () => {
      throw new InputError('store/no-backup')
    },
    close: async () => {
      memory.isOpen = false
    },
  }
}

/** The same methods, refusing once the store is closed. */
function whileOpen<T extends object>(memory: Memory, store: T): T {
  const guarded = Object.entries(store).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      if (!memory.isOpen) throw new OutsideError('store/unavailable', { reason: 'closed' })
      return method(...args)
    },
  ])
  return Object.fromEntries(guarded) as T
}

function memoryHolder({ held }: Memory): HolderStore {
  return {
    put: async (record) => void held.set(record.id, record),
    get: async (id) => held.get(id),
    list: async () =>
      [...held.values()].sort(
        (a, b) => Number(a.receivedAt) - Number(b.receivedAt) || (a.id < b.id ? -1 : 1),
      ),
    remove: async (id) => void held.delete(id),
  }
}

function memoryAudit({ lines }: Memory): AuditStore {
  return {
    append: async (entries) => {
      for (const entry of entries) {
        const hash = auditHash(lines.at(-1)?.hash ?? noHash, auditText(entry))
        lines.push({ id: lines.length + 1, hash, entry })
      }
    },
    scan: async (after, limit) => lines.slice(after, after + limit),
  }
}
