import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** What a lying, dropping, slow node does; each member is asked for each call in a request. */
export type Chaos = {
  /** The result that is answered instead of the node's. */
  readonly lie?: (method: string, result: unknown, params: readonly unknown[]) => unknown
  /** The call reaches the node, its reply does not reach the caller: the socket is cut. */
  readonly dropReply?: (method: string) => boolean
  /** The call does not reach the node; this is answered instead, or nothing if it is undefined. */
  readonly swallow?: (method: string, params: readonly unknown[]) => { result: unknown } | undefined
  /** Milliseconds before the reply. */
  readonly delayMs?: number
  /** The whole HTTP answer, whatever was asked; chunks come one after another. */
  readonly body?: (request: string) => Iterable<string | Uint8Array> | AsyncIterable<string>
  /** Changes the reply's JSON-RPC message, say its id. */
  readonly message?: (message: Record<string, unknown>) => unknown
}

/** A JSON-RPC node on loopback between a caller and a real node. */
export type ChaosNode = {
  readonly url: string
  /** Methods asked so far. */
  readonly seen: string[]
  /** How it behaves from now on; nothing: honestly. */
  set(chaos: Chaos): void
  close(): Promise<void>
}

/**
 * Starts it.
 *
 * @param behind URL of the real node.
 */
export async function startChaos(behind: string): Promise<ChaosNode> {
  let chaos: Chaos = {}
  const seen: string[] = []
  const server = createServer(async (request, response) => {
    try {
      const body = await read(request)
      const now = chaos
      if (now.body !== undefined) {
        response.writeHead(200, { 'content-type': 'application/json' })
        for await (const chunk of now.body(body)) response.write(chunk)
        response.end()
        return
      }
      const asked = JSON.parse(body)
      const list = (Array.isArray(asked) ? asked : [asked]) as Call[]
      seen.push(...list.map(({ method }) => method))
      const replies = await Promise.all(list.map((call) => answer(behind, now, call)))
      if (now.delayMs !== undefined) await pause(now.delayMs)
      if (list.some(({ method }) => now.dropReply?.(method))) {
        request.socket.destroy()
        return
      }
      const messages = replies.map((reply) => now.message?.(reply) ?? reply)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(Array.isArray(asked) ? messages : messages[0]))
    } catch {
      request.socket.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    set(next) {
      chaos = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Call = { readonly id: unknown; readonly method: string; readonly params: readonly unknown[] }

async function answer(behind: string, chaos: Chaos, call: Call): Promise<Record<string, unknown>> {
  if (chaos.swallow !== undefined) {
    const instead = chaos.swallow(call.method, call.params)
    if (instead !== undefined) return { jsonrpc: '2.0', id: call.id, ...instead }
  }
  const response = await fetch(behind, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', ...call }),
  })
  const reply = (await response.json()) as Record<string, unknown>
  if (chaos.lie === undefined || !('result' in reply)) return reply
  return { ...reply, result: chaos.lie(call.method, reply.result, call.params) }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
