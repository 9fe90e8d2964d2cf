import type { AuditStore } from '../../ports/audit.ts'
import type { CertificateStore, ErasureStore } from '../../ports/certificates.ts'
import type { HolderStore } from '../../ports/holder.ts'
import type { ListIndex, ListStore } from '../../ports/lists.ts'
import type { ChainJournal, LeafStore } from '../../ports/mirror.ts'
import type { OutboxStore, QueueStore } from '../../ports/outbox.ts'
import type { SessionStore } from '../../ports/sessions.ts'
import type { WebhookStore } from '../../ports/webhooks.ts'
import { auditStore } from './audit.ts'
import type { Backend } from './backend.ts'
import { certificateStore } from './certificates.ts'
import { checkStore, type StoreFault } from './checkStore.ts'
import { erasureStore } from './erase.ts'
import { holderStore } from './holder.ts'
import { chainJournal } from './journal.ts'
import { leafStore } from './leaves.ts'
import { listStore } from './lists.ts'
import { memoryStore } from './memory.ts'
import { outboxStore } from './outbox.ts'
import { openPostgres } from './postgres.ts'
import { queueStore } from './queue.ts'
import { sessionStore } from './sessions.ts'
import { openSqlite } from './sqlite.ts'
import { webhookStore } from './webhooks.ts'

/** Where a department keeps its records. */
export type StoreConfig =
  /** One file, one process; the default. */
  | { readonly kind: 'sqlite'; readonly path: string }
  /** A PostgreSQL database that several processes of one department share; a `postgres://` address. */
  | { readonly kind: 'postgres'; readonly url: string }
  /** Nothing is kept: for tests. */
  | { readonly kind: 'memory' }

/** All stores of one database. */
export type Store = {
  readonly certificates: CertificateStore
  readonly erasure: ErasureStore
  readonly queue: QueueStore
  readonly outbox: OutboxStore
  readonly lists: ListStore & ListIndex
  readonly holder: HolderStore
  readonly audit: AuditStore
  readonly sessions: SessionStore
  readonly webhooks: WebhookStore
  readonly leaves: LeafStore
  readonly journal: ChainJournal
  /**
   * Reads what can be wrong with the database itself; empty: nothing.
   *
   * @returns one line for each fault: a code and where.
   */
  check(): Promise<readonly StoreFault[]>
  /**
   * Copies the store into a new file while it is being written, whole and consistent, 0600, synced.
   * PostgreSQL has its own tools (`pg_basebackup`).
   *
   * @throws {InputError} `store/no-backup` where the store is not SQLite, or the file exists.
   */
  backup(path: string): Promise<void>
  /**
   * Finishes what was asked, then closes; later calls answer `store/unavailable`.
   *
   * @throws {OutsideError} `store/io` if the disk fails now; closed all the same, and nothing acknowledged
   *   is lost.
   */
  close(): Promise<void>
}

/**
 * Opens a store and brings its schema up to date.
 *
 * @throws {OutsideError} `store/locked`, `store/io`, `store/corrupt`, `store/unavailable`.
 * @throws {InputError} `store/newer-schema`.
 */
export async function openStore(config: StoreConfig): Promise<Store> {
  switch (config.kind) {
    case 'sqlite':
      return overBackend(await openSqlite(config.path))
    case 'postgres':
      return overBackend(await openPostgres(config.url))
    case 'memory':
      return memoryStore()
  }
}

function overBackend(
  backend: Backend & {
    faults(): Promise<string[]>
    backup(path: string): Promise<void>
    close(): Promise<void>
  },
): Store {
  return {
    certificates: certificateStore(backend),
    erasure: erasureStore(backend),
    queue: queueStore(backend),
    outbox: outboxStore(backend),
    lists: listStore(backend),
    holder: holderStore(backend),
    audit: auditStore(backend),
    sessions: sessionStore(backend),
    webhooks: webhookStore(backend),
    leaves: leafStore(backend),
    journal: chainJournal(backend),
    check: () => checkStore(backend),
    backup: (path) => backend.backup(path),
    close: () => backend.close(),
  }
}
