import type { Running } from '../services/start.ts'
import { exits } from './exit.ts'
import type { Output } from './output.ts'
import { untilAsked } from './untilAsked.ts'

/** Milliseconds after which a stop that hangs is cut off. */
const patienceMs = 9500

/** Lets a service run until it is asked to stop or cannot go on, and stops it. @returns the exit code. */
export async function untilStopped(running: Running, output: Output): Promise<number> {
  const ended = await Promise.race([untilAsked(), running.failed])
  // A store that failed may hold its close up; the process ends in any case.
  setTimeout(() => process.exit(exits.internal), patienceMs).unref()
  if (ended === undefined) {
    await running.stop()
    process.stdin.pause()
    return 0
  }
  output.say({
    en: `The store cannot be written any more [${ended}]. The service ends.`,
    zh: `存储无法继续写入 [${ended}]，服务结束。`,
  })
  await running.stop().catch(() => undefined)
  process.stdin.pause()
  return exits.internal
}
