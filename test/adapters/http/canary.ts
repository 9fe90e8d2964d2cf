import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server on loopback that counts who knocks, on all of loopback's addresses. */
export type Canary = {
  readonly port: number
  readonly origin: string
  /** Connections so far, answered or not. */
  knocks(): number
  /** Request lines and headers so far. */
  readonly requests: IncomingMessage[]
}

/** Starts one that is gone after the test. */
export async function canary(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    response.end('reached'),
): Promise<Canary> {
  const requests: IncomingMessage[] = []
  let knocks = 0
  const server: Server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.on('connection', () => {
    knocks += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, origin: `http://127.0.0.1:${port}`, knocks: () => knocks, requests }
}
