import * as http from 'node:http'
import * as https from 'node:https'
import { InputError, OutsideError } from '../../errors.ts'

/** One JSON-RPC call. */
export type RpcCall = { readonly method: string; readonly params: readonly unknown[] }

/** Limits of one endpoint. */
export type RpcOptions = {
  /** Milliseconds from sending a request to its last byte; default 10,000. */
  readonly timeoutMs?: number
  /** Largest answer in bytes; default 32 MiB. */
  readonly maxBytes?: number
}

/** The node answered a call with an error of its own (a revert, an unknown method, a refused transaction). */
export class RpcRefusal extends OutsideError {
  /** JSON-RPC error code. */
  readonly rpcCode: number
  /** The node's words; for branching on "already known" and the like, never for people. */
  readonly reason: string
  /** Revert data as `0x` hex, where the node gave any. */
  readonly data: string | undefined

  constructor(method: string, rpcCode: number, reason: string, data: string | undefined) {
    super('chain/refused', { method, rpcCode })
    this.rpcCode = rpcCode
    this.reason = reason
    this.data = data
  }
}

type Waiting = RpcCall & {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

const maxBatch = 64

/**
 * A JSON-RPC endpoint over HTTP. Calls made in the same turn of the event loop travel as one batch.
 * Every answer is untrusted: it is capped in size and time and must carry the id that was asked.
 */
export class Rpc {
  readonly url: URL
  readonly #agent: http.Agent
  readonly #timeoutMs: number
  readonly #maxBytes: number
  #waiting: Waiting[] = []
  #nextId = 1

  /** @throws {InputError} `chain/bad-url` unless `url` is http or https. */
  constructor(url: string, { timeoutMs = 10_000, maxBytes = 32 * 1024 * 1024 }: RpcOptions = {}) {
    const parsed = URL.parse(url)
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new InputError('chain/bad-url')
    this.url = parsed
    this.#timeoutMs = timeoutMs
    this.#maxBytes = maxBytes
    const options = { keepAlive: true, maxSockets: 8, scheduling: 'lifo' as const }
    this.#agent = parsed.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options)
  }

  /**
   * @returns the `result` member, unchecked; read it with `answers.ts`.
   * @throws {OutsideError} `chain/unreachable` (refused, dropped, too slow), `chain/bad-answer` (not
   *   JSON-RPC, another id), `chain/too-large`; {@link RpcRefusal} where the node says no.
   */
  call(method: string, params: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush())
      this.#waiting.push({ method, params, resolve, reject })
    })
  }

  /** Closes idle sockets. */
  close(): void {
    this.#agent.destroy()
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let start = 0; start < waiting.length; start += maxBatch) {
      const group = waiting.slice(start, start + maxBatch)
      this.#exchange(group).catch((error) => {
        for (const { reject } of group) reject(error)
      })
    }
  }

  async #exchange(group: readonly Waiting[]): Promise<void> {
    const first = this.#nextId
    this.#nextId += group.length
    const messages = group.map(({ method, params }, position) => ({
      jsonrpc: '2.0',
      id: first + position,
      method,
      params,
    }))
    const single = messages.length === 1
    const body = JSON.stringify(single ? messages[0] : messages)
    const answer = parse(await this.#post(body))
    const answers = single ? [answer] : answer
    if (!Array.isArray(answers) || answers.length !== group.length)
      throw badAnswer(group[0]!.method)
    const byId = new Map(answers.map((each) => [isObject(each) ? each.id : undefined, each]))
    for (const [position, { method, resolve, reject }] of group.entries()) {
      const own = byId.get(first + position)
      try {
        resolve(resultOf(method, own))
      } catch (error) {
        reject(error)
      }
    }
  }

  async #post(body: string): Promise<string> {
    const deadline = Date.now() + this.#timeoutMs
    for (;;) {
      const { text, error, stale } = await this.#attempt(body, deadline - Date.now())
      if (text !== undefined) return text
      // The node closed an idle socket just as we wrote: nothing was answered, so ask again. Every
      // call that we make may be repeated, sending a signed transaction too.
      if (!stale) throw error
    }
  }

  #attempt(
    body: string,
    milliseconds: number,
  ): Promise<{ text?: string; error?: unknown; stale?: boolean }> {
    const { request } = this.url.protocol === 'https:' ? https : http
    return new Promise((done) => {
      const chunks: Buffer[] = []
      let length = 0
      let answered = false
      const fail = (error: unknown, stale = false) => {
        clearTimeout(timer)
        done({ error, stale })
      }
      const sent = request(this.url, {
        method: 'POST',
        agent: this.#agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      })
      const timer = setTimeout(
        () => sent.destroy(new OutsideError('chain/unreachable', { reason: 'timeout' })),
        Math.max(1, milliseconds),
      )
      sent.on('error', (cause) => {
        if (cause instanceof OutsideError) return fail(cause)
        fail(new OutsideError('chain/unreachable', { cause }), sent.reusedSocket && !answered)
      })
      sent.on('response', (response) => {
        answered = true
        response.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > this.#maxBytes) {
            sent.destroy(new OutsideError('chain/too-large', { maxBytes: this.#maxBytes }))
          } else chunks.push(chunk)
        })
        response.on('error', (cause) => {
          fail(
            cause instanceof OutsideError
              ? cause
              : new OutsideError('chain/unreachable', { cause }),
          )
        })
        response.on('end', () => {
          clearTimeout(timer)
          const status = response.statusCode ?? 0
          if (status >= 502) return fail(new OutsideError('chain/unreachable', { status }))
          done({ text: Buffer.concat(chunks).toString('utf8') })
        })
      })
      sent.end(body)
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OutsideError('chain/bad-answer', { reason: 'not JSON' })
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badAnswer(method: string): OutsideError {
  return new OutsideError('chain/bad-answer', { method })
}

function resultOf(method: string, answer: unknown): unknown {
  if (!isObject(answer) || answer.jsonrpc !== '2.0') throw badAnswer(method)
  const { error } = answer
  if (error === undefined || error === null) {
    if (!Object.hasOwn(answer, 'result')) throw badAnswer(method)
    return answer.result
  }
  if (!isObject(error)) throw badAnswer(method)
  const reason = typeof error.message === 'string' ? error.message.slice(0, 500) : ''
  const rpcCode = typeof error.code === 'number' ? error.code : 0
  throw new RpcRefusal(method, rpcCode, reason, revertData(error.data))
}

/** Nodes put revert data in `data` itself or one level down. */
function revertData(data: unknown): string | undefined {
  if (isObject(data)) return revertData(data.data)
  if (typeof data === 'string' && /^0x(?:[0-9a-fA-F]{2}){0,100000}$/.test(data)) return data
  return undefined
}
