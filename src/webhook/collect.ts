import type { WebhookSource } from '../ports/webhooks.ts'
import { hex } from '../primitives/bytes.ts'
import { messagesOf } from './message.ts'
import type { WebhookEvent, Webhooks } from './model.ts'

const page = 500
const settleMs = 10_000

/**
 * Turns what was durably recorded since the last call into messages. The place reached is kept only after
 * the messages are: a kill between the two tells the same facts again, which gives the same messages.
 *
 * @returns how many facts were looked at.
 */
export async function collect(webhooks: Webhooks): Promise<number> {
  const { store, department } = webhooks
  const endpoints = await store.endpoints(department)
  if (endpoints.length === 0) return 0
  let count = 0
  for (const source of ['copies', 'batches', 'audit'] as const) {
    const from = await store.position(department, source)
    if (from === undefined) continue
    const { events, to } = await readers[source](webhooks, from)
    const now = webhooks.clock()
    const messages = events.flatMap((event) => messagesOf(department, event, endpoints, now))
    await store.enqueue(department, messages)
    if (to > from) await store.advance(department, source, to)
    count += to - from
  }
  return count
}

type Read = { readonly events: readonly WebhookEvent[]; readonly to: number }

const readers: Readonly<
  Record<WebhookSource, (webhooks: Webhooks, from: number) => Promise<Read>>
> = { copies: issued, batches: anchored, audit: presented }

/** Copies in the order of their numbers, up to one that is not signed yet or too young. */
async function issued(webhooks: Webhooks, from: number): Promise<Read> {
  const { certificates, department, clock } = webhooks
  const newest = clock().getTime() - (webhooks.settleMs ?? settleMs)
  const copies = await certificates.scan(department, from, page)
  const end = copies.findIndex(
    ({ state, plannedAt }) => state === 'reserved' || plannedAt.getTime() > newest,
  )
  const told = end < 0 ? copies : copies.slice(0, end)
  const events = told.map((copy): WebhookEvent => {
    const fingerprint = hex(copy.fingerprint)
    const { certificateType, format, list, index, plannedAt } = copy
    const place = { list, index }
    return {
      type: 'certificate.issued',
      key: fingerprint,
      at: plannedAt,
      details: { fingerprint, certificate_type: certificateType, format, ...place },
    }
  })
  return { events, to: told.at(-1)?.id ?? from }
}

/** One final batch: its copies are anchored, its changes of status hold. */
async function anchored(webhooks: Webhooks, from: number): Promise<Read> {
  const { outbox, queue, store, department, clock } = webhooks
  const sequence = from + 1
  const batch = await outbox.batch(department, sequence)
  if (batch?.state !== 'final') return { events: [], to: from }
  const at = clock()
  const members = await queue.members(department, sequence)
  const events = members.map(({ fingerprint: bytes, certificateType }): WebhookEvent => {
    const fingerprint = hex(bytes)
    return {
      type: 'certificate.anchored',
      key: fingerprint,
      at,
      details: { fingerprint, certificate_type: certificateType, batch: sequence },
    }
  })
  const changes = await store.changesIn(department, sequence)
  const changed = changes.map(
    ({ list, index, status }): WebhookEvent => ({
      type: 'status.changed',
      key: `${sequence} ${list} ${index}`,
      at,
      details: { list, index, status, batch: sequence },
    }),
  )
  return { events: [...events, ...changed], to: sequence }
}

/** The audit lines of answers that wallets gave. */
async function presented({ audit }: Webhooks, from: number): Promise<Read> {
  const lines = await audit.scan(from, page)
  const events = lines
    .filter(({ entry }) => entry.action === 'presentation-received')
    .map(({ entry: { at, subject, detail } }): WebhookEvent => {
      const outcome = String(detail.outcome)
      const key = `${subject} ${outcome}`
      return { type: 'presentation.received', key, at, details: { request: subject, outcome } }
    })
  return { events, to: lines.at(-1)?.id ?? from }
}
