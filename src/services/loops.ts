import { isWeirError } from '../errors.ts'

/** Work that a service does beside answering. */
export type Loop<S> = {
  readonly name: string
  /** Milliseconds from the end of one round to the next. */
  readonly everyMs: number
  /** One round; it should end soon once the signal says so. */
  readonly run: (service: S, signal: AbortSignal) => Promise<unknown>
}

/** What a loop met: its name and a code, nothing else. */
export type LoopNotice = { readonly loop: string; readonly code: string }

/** After these nothing is written until the store is opened anew: the process must end. */
const fatal: ReadonlySet<string> = new Set(['store/io', 'store/corrupt'])

/**
 * Runs the loops of a service. A round that fails is told and tried again; it ends nothing but a round.
 *
 * @param tell told of failures.
 * @param end told once if the store is beyond this process.
 * @returns how to stop: resolves when no round runs any more.
 */
export function startLoops<S>(
  service: S,
  loops: readonly Loop<S>[],
  tell: (notice: LoopNotice) => void,
  end: (code: string) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = loops.map(async ({ name, everyMs, run }) => {
    while (!signal.aborted) {
      try {
        await run(service, signal)
      } catch (error) {
        const code = isWeirError(error) ? error.code : 'internal/unexpected'
        if (!signal.aborted) tell({ loop: name, code })
        if (fatal.has(code)) end(code)
      }
      await pause(everyMs, signal)
    }
  })
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })
}
