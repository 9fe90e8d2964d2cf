import { once } from 'node:events'
import { withParent } from '../wire/processes.ts'

/** Resolves when the process is asked to stop, or when the one that started it is gone. */
export async function untilAsked(): Promise<void> {
  const signals = [once(process, 'SIGINT'), once(process, 'SIGTERM')]
  if (process.env[withParent] !== '1') return void (await Promise.race(signals))
  process.stdin.resume()
  await Promise.race([...signals, once(process.stdin, 'end'), once(process.stdin, 'error')])
}
