import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { InputError, OutsideError } from '../../errors.ts'
import { toQuantity } from './answers.ts'
import { RpcRefusal } from './rpc.ts'

/** What stands behind the front, asked anew for each request. */
export type Behind = {
  /** Asks the node. @throws {OutsideError} `chain/unreachable` while it restarts, and as `Rpc.call`. */
  ask(method: string, params: readonly unknown[]): Promise<unknown>
  /** Number of the last block that is in a synced dump. */
  finalNumber(): number
  /** A transaction went into the pool. */
  onTransaction(): void
}

const maxBody = 16 * 1024 * 1024
/** Reading, and sending what is signed already. Nothing that changes the node, its clock or its storage. */
const allowed = new Set([
  ...['eth_blockNumber', 'eth_call', 'eth_chainId', 'eth_estimateGas', 'eth_gasPrice'],
  ...['eth_getBalance', 'eth_getBlockByHash', 'eth_getBlockByNumber', 'eth_getBlockReceipts'],
  ...['eth_getCode', 'eth_getLogs', 'eth_getProof', 'eth_getStorageAt', 'eth_getTransactionByHash'],
  ...['eth_getTransactionCount', 'eth_getTransactionReceipt', 'eth_sendRawTransaction'],
  ...[
    'eth_feeHistory',
    'eth_maxPriorityFeePerGas',
    'eth_syncing',
    'net_version',
    'web3_clientVersion',
  ],
])

/**
 * The door of a local chain: JSON-RPC over HTTP on loopback that passes on reading and signed
 * transactions only, and for which `finalized` and `safe` are the last block in a synced dump.
 *
 * @param port 0 for any free one.
 * @throws {InputError} `chain/port-taken`
 */
export function openFront(port: number, behind: Behind): Promise<Server> {
  const server = createServer((request, response) => {
    handle(request, behind).then(
      ({ status, body }) => reply(response, status, body),
      // Nobody can tell yet what became of it: the caller asks again.
      () => reply(response, 503, undefined),
    )
  })
  server.requestTimeout = 30_000
  server.keepAliveTimeout = 60_000
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new InputError('chain/port-taken', { port, cause })))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

type Reply = { readonly status: number; readonly body: unknown }

async function handle(request: IncomingMessage, behind: Behind): Promise<Reply> {
  // A page in a browser can reach loopback by a name of its own; such a request carries that name.
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (!['127.0.0.1', 'localhost'].includes(host) || request.headers.origin !== undefined) {
    return { status: 403, body: undefined }
  }
  if (request.method !== 'POST') return { status: 405, body: undefined }
  let message: unknown
  try {
    message = JSON.parse(await bodyOf(request))
  } catch {
    return { status: 400, body: failure(null, -32700, 'not JSON') }
  }
  if (!Array.isArray(message)) return { status: 200, body: await answer(message, behind) }
  if (message.length > 200) return { status: 413, body: failure(null, -32600, 'batch too large') }
  return { status: 200, body: await Promise.all(message.map((each) => answer(each, behind))) }
}

async function answer(message: unknown, behind: Behind): Promise<unknown> {
  const { id = null, method, params = [] } = (message ?? {}) as Record<string, unknown>
  if (typeof method !== 'string' || !Array.isArray(params))
    return failure(id, -32600, 'not a request')
  if (!allowed.has(method)) return failure(id, -32601, 'method not offered')
  try {
    const result = await behind.ask(method, withFinal(params, behind.finalNumber()) as unknown[])
    if (method === 'eth_sendRawTransaction') behind.onTransaction()
    return { jsonrpc: '2.0', id, result }
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error
    return failure(id, error.rpcCode, error.reason, error.data)
  }
}

/** Block tags stand as parameters of their own or as members of a filter. */
function withFinal(value: unknown, final: number): unknown {
  if (value === 'finalized' || value === 'safe') return toQuantity(final)
  if (Array.isArray(value)) return value.map((each) => withFinal(each, final))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([k, each]) => [k, withFinal(each, final)]))
}

function failure(id: unknown, code: number, message: string, data?: string): unknown {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } }
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxBody) request.destroy(new OutsideError('chain/too-large', { maxBody }))
      else chunks.push(chunk)
    })
    request.on('error', reject)
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? '' : JSON.stringify(body))
}
