import { encodeBase64url, randomBytes } from '#primitives'
import { InputError } from '../errors.ts'
import type { WebhookDelivery, WebhookEndpoint } from '../ports/webhooks.ts'
import { attempt, contextOf, isTaken } from './deliver.ts'
import { bodyOf } from './message.ts'
import type { EventType, Webhooks } from './model.ts'

const maxEndpoints = 20

/** What a department's system asks for. */
export type EndpointWish = {
  /** `https:`; a path and query of its own are kept out of logs and lists of deliveries. */
  readonly url: string
  /** Left out: all. */
  readonly events?: readonly EventType[]
}

/**
 * Adds an endpoint; it hears of what happens from now on.
 *
 * @returns it, and its secret (`whsec_` and standard base64 of 32 random bytes), which is shown here only.
 * @throws {InputError} `webhook/bad-address`; `webhook/too-many` above 20.
 */
export async function addEndpoint(
  webhooks: Webhooks,
  { url, events = [] }: EndpointWish,
): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
  const { store, department, sealer, clock } = webhooks
  const address = readAddress(url, webhooks.isDevelopment)
  const known = await store.endpoints(department)
  if (known.length >= maxEndpoints) throw new InputError('webhook/too-many', { max: maxEndpoints })
  // What happened while nobody listened is not told afterwards.
  if (known.length === 0) await store.begin(department)
  const id = `whe_${encodeBase64url(randomBytes(15))}`
  const secret = `whsec_${base64(randomBytes(32))}`
  const endpoint: WebhookEndpoint = {
    id,
    url: address,
    events: [...new Set(events)],
    secret: sealer.seal(contextOf(id), new TextEncoder().encode(secret)),
    state: 'active',
    failingSince: undefined,
    createdAt: clock(),
  }
  await store.putEndpoint(department, endpoint)
  return { endpoint, secret }
}

/** @throws {InputError} `webhook/unknown` */
export async function removeEndpoint({ store, department }: Webhooks, id: string): Promise<void> {
  if (!(await store.removeEndpoint(department, id))) throw new InputError('webhook/unknown')
}

/**
 * Sends a `webhook.test` message now. If it is taken, a disabled endpoint is active again and what
 * waits for it is tried.
 *
 * @returns the HTTP status; undefined where no answer came.
 * @throws {InputError} `webhook/unknown`
 */
export async function testEndpoint(
  webhooks: Webhooks,
  id: string,
): Promise<{ isTaken: boolean; status: number | undefined }> {
  const { store, department, clock } = webhooks
  const endpoint = await findEndpoint(webhooks, id)
  const message = {
    id: `msg_${encodeBase64url(randomBytes(20))}`,
    body: bodyOf('webhook.test', clock(), {}),
  }
  const status = await attempt(webhooks, endpoint, message)
  if (isTaken(status)) {
    await store.putEndpoint(department, { ...endpoint, state: 'active', failingSince: undefined })
    await store.reschedule(department, id, clock())
  }
  return { isTaken: isTaken(status), status }
}

/** Newest deliveries first, at most `limit`. @throws {InputError} `webhook/unknown` */
export async function recentDeliveries(
  webhooks: Webhooks,
  id: string,
  limit: number,
): Promise<WebhookDelivery[]> {
  await findEndpoint(webhooks, id)
  return webhooks.store.recent(webhooks.department, id, limit)
}

async function findEndpoint({ store, department }: Webhooks, id: string) {
  const found = (await store.endpoints(department)).find((one) => one.id === id)
  if (found === undefined) throw new InputError('webhook/unknown')
  return found
}

/** The form only; whether it may be reached is judged at each sending, by the one way out. */
function readAddress(text: string, isDevelopment: boolean): string {
  const url = text.length <= 2000 && /^[\x21-\x7e]+$/.test(text) ? URL.parse(text) : null
  const isAllowed = url?.protocol === 'https:' || (isDevelopment && url?.protocol === 'http:')
  if (url === null || !isAllowed || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new InputError('webhook/bad-address')
  return text
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
