import { pino } from 'pino'
import type { LoopNotice } from './loops.ts'
import type { Log } from './observe.ts'

/** A service's log: JSON lines on standard error, of nothing but the members of `RequestLine`. */
export type Logger = {
  readonly request: Log
  readonly loop: (notice: LoopNotice) => void
  flush(): void
}

/** @param level `debug`, `info`, `warn`, `error` or `silent`. */
export function openLogger(department: string, level: string): Logger {
  const destination = pino.destination({ fd: 2, sync: false, minLength: 4096 })
  const log = pino(
    { level, base: { department }, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  )
  const timer = setInterval(() => destination.flush(), 500)
  timer.unref()
  return {
    request: ({ method, route, status, ms, request, code, at }) => {
      const line = { method, route, status, ms, request, code, at }
      if (status === 500) log.error(line)
      else log.info(line)
    },
    loop: ({ loop, code }) => log.warn({ loop, code }),
    flush: () => {
      clearInterval(timer)
      destination.flushSync()
    },
  }
}
