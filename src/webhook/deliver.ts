import { Webhook } from 'standardwebhooks'
import { decodeUtf8 } from '#primitives'
import { isWeirError } from '../errors.ts'
import type { WebhookDelivery, WebhookEndpoint } from '../ports/webhooks.ts'
import type { Webhooks } from './model.ts'

const atOnce = 32
/** Longer than one attempt may take; afterwards another process may try. */
const leaseMs = 60_000
const timeoutMs = 10_000
/** An answer is looked at no further than its status. */
const maxAnswer = 65_536
/** Seconds between attempts; the last one repeats. */
const pauses = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800]
const giveUpMs = 72 * 3_600_000

/**
 * Tries the messages that are due, at least once each and often more: a receiver knows a repetition by
 * its id. An endpoint that took nothing for 72 hours, or says 410 Gone, is disabled; so long its messages wait.
 *
 * @returns how many were tried.
 */
export async function deliver(webhooks: Webhooks): Promise<number> {
  const { store, department, clock } = webhooks
  const now = clock()
  const due = await store.claim(department, now, new Date(now.getTime() + leaseMs), atOnce)
  const endpoints = new Map((await store.endpoints(department)).map((one) => [one.id, one]))
  const results = await Promise.all(
    due.map(async (delivery) => {
      const endpoint = endpoints.get(delivery.endpoint)
      const status = endpoint && (await attempt(webhooks, endpoint, delivery))
      return { delivery, endpoint, status }
    }),
  )
  for (const { delivery, endpoint, status } of results) {
    if (endpoint !== undefined) await settle(webhooks, delivery, status)
  }
  for (const endpoint of endpoints.values()) {
    const own = results.filter(({ delivery }) => delivery.endpoint === endpoint.id)
    if (own.length > 0)
      await judge(
        webhooks,
        endpoint,
        own.map(({ status }) => status),
      )
  }
  return due.length
}

/**
 * Sends one signed message (Standard Webhooks, `v1`: HMAC-SHA256).
 *
 * @returns the HTTP status; undefined where no answer came in time, or the address may not be asked.
 */
export async function attempt(
  { fetch, sealer, clock }: Webhooks,
  { id: endpoint, url, secret }: WebhookEndpoint,
  { id, body }: Pick<WebhookDelivery, 'id' | 'body'>,
): Promise<number | undefined> {
  const signer = new Webhook(decodeUtf8(sealer.unseal(contextOf(endpoint), secret)))
  const at = clock()
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signer.sign(id, at, body),
  }
  try {
    const request = { url, method: 'POST', headers, body, timeoutMs, maxBytes: maxAnswer } as const
    return (await fetch(request)).status
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

/** What a secret is sealed as. */
export function contextOf(endpoint: string): string {
  return `webhook ${endpoint}`
}

/** Whether a receiver took the message. */
export function isTaken(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}

async function settle(
  { store, department, clock }: Webhooks,
  delivery: WebhookDelivery,
  status: number | undefined,
): Promise<void> {
  const now = clock()
  const attempts = delivery.attempts + 1
  const tried = { ...delivery, attempts, lastStatus: status }
  if (isTaken(status)) {
    return store.settle(department, { ...tried, state: 'delivered', nextAt: now })
  }
  const pause = (pauses[attempts - 1] ?? pauses.at(-1)!) * 1000
  const isTooOld = now.getTime() - delivery.createdAt.getTime() >= giveUpMs
  return store.settle(department, {
    ...tried,
    state: isTooOld ? 'failed' : 'waiting',
    nextAt: isTooOld ? now : new Date(now.getTime() + pause),
  })
}

/** Notes since when nothing gets through, and disables what is beyond patience. */
async function judge(
  { store, department, clock }: Webhooks,
  endpoint: WebhookEndpoint,
  statuses: readonly (number | undefined)[],
): Promise<void> {
  const now = clock()
  const { failingSince } = endpoint
  if (statuses.some(isTaken)) {
    if (failingSince === undefined) return
    return store.putEndpoint(department, { ...endpoint, failingSince: undefined })
  }
  const since = failingSince ?? now
  const isGone = statuses.includes(410) || now.getTime() - since.getTime() >= giveUpMs
  if (failingSince !== undefined && !isGone) return
  const state = isGone ? 'disabled' : endpoint.state
  await store.putEndpoint(department, { ...endpoint, failingSince: since, state })
}
