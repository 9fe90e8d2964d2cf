/** What is asked of another machine. */
export type FetchRequest = {
  /** Absolute `https:` address (`http:` only where the deployment allows loopback). */
  readonly url: string
  /** Default GET. */
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Most bytes of an answer after decoding; default 1 MiB. */
  readonly maxBytes?: number
  /** Milliseconds until the whole answer is there; default 5,000. */
  readonly timeoutMs?: number
}

/** What it answered, whatever the status. */
export type FetchAnswer = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * The one way to an address that came from outside. No redirect is followed, no private address reached,
 * no proxy of the environment used.
 *
 * @throws {InputError} `fetch/bad-address` for what may not be asked.
 * @throws {OutsideError} `fetch/failed`, `fetch/timeout`, `fetch/too-large`
 */
export type Fetch = (request: FetchRequest) => Promise<FetchAnswer>
