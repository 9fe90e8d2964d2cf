import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { InputError } from '../errors.ts'
import type { App } from './chassis.ts'

/** A server that holds its port; until it is given an app it answers 503. */
export type Listening = {
  readonly server: Server
  /** From now on this app answers. */
  answer(app: App): void
  /**
   * Takes no more connections, lets what runs end for at most this many milliseconds (default 5,000),
   * then cuts it off.
   */
  close(patienceMs?: number): Promise<void>
}

/** Milliseconds that a client may take: for its headers, for its whole request, and idle between two. */
const timeouts = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000 } as const

/**
 * Listens, with the limits that a slow or greedy client meets.
 *
 * @throws {InputError} `service/cannot-listen` where the port is taken or not allowed.
 */
export async function listen({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<Listening> {
  let answer: ReturnType<typeof getRequestListener> = async (_request, response) => {
    ;(response as { writeHead(status: number, headers: object): { end(): void } })
      .writeHead(503, { 'Retry-After': '1' })
      .end()
  }
  const server = createServer(
    {
      ...timeouts,
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
    },
    (request, response) => void answer(request, response),
  )
  server.maxHeadersCount = 100
  server.maxRequestsPerSocket = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new InputError('service/cannot-listen', { host, port, cause })),
    )
    server.listen(port, host, () => resolve())
  })
  return {
    server,
    answer: (app) => {
      answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })
    },
    close: (patienceMs = 5000) => closed(server, patienceMs),
  }
}

function closed(server: Server, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), patienceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}
