import { encodeBase64url, sha256 } from '#primitives'
import type { WebhookDelivery, WebhookEndpoint } from '../ports/webhooks.ts'
import type { WebhookEvent } from './model.ts'

/**
 * The messages of an event, one for each endpoint that wants it. Its id is made from the fact, so that the
 * same fact gives the same id whoever looks again.
 *
 * @see Standard Webhooks, "Payload structure" and "Metadata"
 */
export function messagesOf(
  department: string,
  event: WebhookEvent,
  endpoints: readonly WebhookEndpoint[],
  now: Date,
): WebhookDelivery[] {
  const { type, key, at, details } = event
  const digest = encodeBase64url(sha256(JSON.stringify([department, type, key])))
  return endpoints
    .filter(({ events }) => events.length === 0 || events.includes(type))
    .map(({ id: endpoint }) => ({
      endpoint,
      id: `msg_${digest.slice(0, 27)}`,
      event: type,
      body: bodyOf(type, at, details),
      state: 'waiting',
      attempts: 0,
      nextAt: now,
      lastStatus: undefined,
      createdAt: now,
    }))
}

/** What is signed and sent: `type`, `timestamp` and `data`. */
export function bodyOf(type: string, at: Date, details: WebhookEvent['details']): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data: details })
}
