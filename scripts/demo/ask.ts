import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'

/** Connections that are kept open to every service. */
const agent = new Agent({ connections: 64, keepAliveTimeout: 4000 })

/** What is asked of a service. */
export type Asking = {
  readonly body?: unknown
  /** Who acts; the development profile takes the name for the token. */
  readonly as?: string
  readonly key?: string
  /** Default GET, or POST with a body. */
  readonly method?: 'GET' | 'POST'
}

/**
 * Asks a service and expects a good answer.
 *
 * @throws {Error} with method, path and the problem's code.
 */
export async function ask<T>(base: string, path: string, asking: Asking = {}): Promise<T> {
  const { body, as = 'front-office', key } = asking
  const method = asking.method ?? (body === undefined ? 'GET' : 'POST')
  const answer = await request(new URL(path, base), {
    dispatcher: agent,
    method,
    headers: {
      authorization: `Bearer ${as}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.body.text()
  if (answer.statusCode < 300) return JSON.parse(text) as T
  const { code = answer.statusCode, facts, errors } = JSON.parse(text || '{}')
  const beside = facts ?? errors
  throw new Error(
    `${path.replace(/[0-9a-f]{64}/, '…')}: ${code}${beside ? ` ${JSON.stringify(beside)}` : ''}`,
  )
}

/** Looks again until something is there. @throws {Error} with what was waited for, after a minute. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`${what}: nothing after a minute`)
    await pause(100)
  }
}

/** Closes what was kept open. */
export function closeConnections(): Promise<void> {
  return agent.close()
}
