import type { AuditStore } from '../ports/audit.ts'
import type { CertificateStore } from '../ports/certificates.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { OutboxStore, QueueStore } from '../ports/outbox.ts'
import type { WebhookStore } from '../ports/webhooks.ts'

/** What a department's systems can hear of. */
export const eventTypes = [
  'certificate.issued',
  'certificate.anchored',
  'status.changed',
  'presentation.received',
] as const
export type EventType = (typeof eventTypes)[number]

/** The webhooks of one department and what they work with. */
export type Webhooks = {
  /** Its address; the issuer of what it issued. */
  readonly department: string
  readonly store: WebhookStore
  readonly certificates: Pick<CertificateStore, 'scan'>
  readonly queue: Pick<QueueStore, 'members'>
  readonly outbox: Pick<OutboxStore, 'batch'>
  readonly audit: Pick<AuditStore, 'scan'>
  readonly fetch: Fetch
  /** Encrypts the signing secrets where they are kept. */
  readonly sealer: {
    seal(context: string, plain: Uint8Array): string
    unseal(context: string, sealed: string): Uint8Array
  }
  readonly clock: Clock
  /** Plain http to loopback is taken for an address. */
  readonly isDevelopment: boolean
  /**
   * Milliseconds that a copy must be old before it is told of, so that another process which took an
   * earlier number has written it; default 10,000.
   */
  readonly settleMs?: number
}

/** Something that happened: ids, fingerprints and states, nothing about a person. */
export type WebhookEvent = {
  readonly type: EventType
  /** Names the fact, so that telling it twice gives the same message. */
  readonly key: string
  readonly at: Date
  readonly details: Readonly<Record<string, string | number>>
}
