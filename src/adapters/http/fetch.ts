import { Agent, type Dispatcher } from 'undici'
import { InputError, isWeirError, OutsideError } from '../../errors.ts'
import type { Fetch, FetchAnswer, FetchRequest } from '../../ports/fetch.ts'
import { mayReach, type Reach, readTarget } from './address.ts'
import { decodeBody } from './decode.ts'
import { dnsResolve, pinningLookup, type Resolve, systemResolve } from './lookup.ts'
import { slots } from './slots.ts'

/** What one process may ask of others. */
export type FetchOptions = {
  /** Origins of the deployment (`https://health.example`, `http://127.0.0.1:4001`), reached wherever they are. */
  readonly origins?: readonly string[]
  /** Opens loopback, http too; only for the explicit development profile. Default false. */
  readonly isDevelopment?: boolean
  /** Most requests at once; the others wait within their own time. Default 32. */
  readonly most?: number
  /** PEM certificates of authorities that are trusted beside Node's own, such as a government network's. */
  readonly authorities?: readonly string[]
  /** Asks the DNS about names that nobody named; for tests. */
  readonly resolve?: Resolve
}

const mebibyte = 1024 * 1024

/**
 * The one way out. See {@link Fetch} for its promises; `close` ends idle connections and waits for none.
 *
 * @throws {InputError} `fetch/bad-address` if one of `origins` is not an origin.
 */
export function openFetch(options: FetchOptions = {}): { fetch: Fetch; close(): Promise<void> } {
  const { origins = [], isDevelopment = false, most = 32, authorities, resolve } = options
  const reach: Reach = { origins: new Set(origins.map(readOrigin)), isLoopbackOpen: isDevelopment }
  const ask = resolve ?? dnsResolve()
  const foreign = agent(
    pinningLookup(
      (name) => (isDevelopment && name === 'localhost' ? systemResolve(name) : ask(name)),
      (name, address) => mayReach(reach, name, address),
    ),
    authorities,
  )
  const ours = agent(
    pinningLookup(systemResolve, () => true),
    authorities,
  )
  const inTurn = slots(most)

  const fetch: Fetch = async (request) => {
    const { url, isOurs } = readTarget(request.url, reach)
    const signal = AbortSignal.timeout(request.timeoutMs ?? 5000)
    try {
      const work = () => exchange(isOurs ? ours : foreign, url, request, signal)
      // undici hears of a signal once it is connected; a slow DNS or handshake ends here.
      return await Promise.race([inTurn(work, signal), aborted(signal)])
    } catch (error) {
      throw isWeirError(error) ? error : outside(error, url)
    }
  }
  return {
    fetch,
    close: async () => {
      await Promise.all([foreign.destroy(), ours.destroy()])
    },
  }
}

function agent(lookup: ReturnType<typeof pinningLookup>, authorities: FetchOptions['authorities']) {
  return new Agent({
    connect: { lookup, timeout: 5000, ...(authorities && { ca: [...authorities] }) },
    connections: 8,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: 16 * 1024,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 10_000,
  })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
}

async function exchange(
  agent: Agent,
  url: URL,
  request: FetchRequest,
  signal: AbortSignal,
): Promise<FetchAnswer> {
  const { method = 'GET', headers = {}, body, maxBytes = mebibyte } = request
  const answer = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: { 'user-agent': 'weir', 'accept-encoding': 'identity', ...headers },
    body: body ?? null,
    signal,
  })
  const read = headersOf(answer.headers)
  const raw = await readBody(answer, maxBytes)
  return {
    status: answer.statusCode,
    headers: read,
    body: await decodeBody(raw, read['content-encoding'], maxBytes),
  }
}

async function readBody(answer: Dispatcher.ResponseData, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop destroys the body, and its connection with it.
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) throw new OutsideError('fetch/too-large', { maxBytes })
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function headersOf(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return Object.fromEntries(entries)
}

function readOrigin(origin: string): string {
  const url = URL.parse(origin)
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== origin)
    throw new InputError('fetch/bad-address', { reason: 'origin' })
  return origin
}

const late =
  /^(?:TimeoutError|AbortError|ConnectTimeoutError|HeadersTimeoutError|BodyTimeoutError)$/

/** Only the host is named: path and query may be somebody's secret. */
function outside(cause: unknown, { hostname: host }: URL): OutsideError {
  const { name, code } = cause as { name?: string; code?: string }
  if (late.test(name ?? '')) return new OutsideError('fetch/timeout', { host })
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new OutsideError('fetch/too-large', { host, cause })
  return new OutsideError('fetch/failed', { host, cause })
}
