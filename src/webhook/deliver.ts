import { Webhook } from 'standardwebhooks'
import { decodeUtf8 } from '#primitives'
import { isWeirError } from '../errors.ts'
import type { WebhookDelivery, WebhookEndpoint } from '../ports/webhooks.ts'
import type { Webhooks } from './model.ts'

const atOnce = 16
/** Longer than one attempt may take; afterwards another process may try. */
const leaseMs = 60_000
const timeoutMs = 10_000
/** An answer is looked at no further than its status. */
const maxAnswer = 65_536
/** Seconds until a message that was refused alone is sent again; the last one repeats. */
const pauses = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800]
const shortestMs = 5000
const longestMs = 8 * 3_600_000
const giveUpMs = 72 * 3_600_000

/**
 * Tries the messages that are due, at least once each and sometimes more: a receiver knows a repetition by
 * its id. Endpoints do not wait for one another. One that takes nothing is asked with a single message,
 * each pause as long as it failed before; after 72 hours of that, or at 410 Gone, it is disabled, and so
 * long its messages wait.
 *
 * @returns how many were tried.
 */
export async function deliver(webhooks: Webhooks, signal?: AbortSignal): Promise<number> {
  const endpoints = await webhooks.store.endpoints(webhooks.department)
  const active = endpoints.filter(({ state }) => state === 'active')
  const counts = await Promise.all(
    active.map(async (endpoint) => {
      let current: WebhookEndpoint = endpoint
      let count = 0
      while (current.state === 'active' && signal?.aborted !== true) {
        const round: Round = await deliverTo(webhooks, current)
        if (round.tried === 0) break
        count += round.tried
        current = round.endpoint
      }
      return count
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

type Round = { readonly tried: number; readonly endpoint: WebhookEndpoint }

async function deliverTo(webhooks: Webhooks, endpoint: WebhookEndpoint): Promise<Round> {
  const { store, department, clock } = webhooks
  const now = clock()
  const limit = endpoint.failingSince === undefined ? atOnce : 1
  const until = new Date(now.getTime() + leaseMs)
  const due = await store.claim(department, endpoint.id, now, until, limit)
  if (due.length === 0) return { tried: 0, endpoint }
  const statuses = await Promise.all(due.map((one) => attempt(webhooks, endpoint, one)))
  for (const [i, one] of due.entries()) await settle(webhooks, one, statuses[i])
  return { tried: due.length, endpoint: await judge(webhooks, endpoint, statuses) }
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

/** Notes since when nothing gets through, and puts off or disables what takes nothing. */
async function judge(
  { store, department, clock }: Webhooks,
  endpoint: WebhookEndpoint,
  statuses: readonly (number | undefined)[],
): Promise<WebhookEndpoint> {
  const now = clock()
  const { id, failingSince } = endpoint
  if (statuses.some(isTaken)) {
    if (failingSince === undefined) return endpoint
    const healed = { ...endpoint, failingSince: undefined }
    await store.putEndpoint(department, healed)
    await store.reschedule(department, id, now)
    return healed
  }
  const since = failingSince ?? now
  const failingMs = now.getTime() - since.getTime()
  const isGone = statuses.includes(410) || failingMs >= giveUpMs
  const pause = Math.min(longestMs, Math.max(shortestMs, failingMs))
  await store.reschedule(department, id, new Date(now.getTime() + pause))
  const state = isGone ? 'disabled' : 'active'
  const failing: WebhookEndpoint = { ...endpoint, failingSince: since, state }
  if (failingSince === undefined || isGone) await store.putEndpoint(department, failing)
  return failing
}
