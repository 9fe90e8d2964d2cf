import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** One figure, as it was seen in this run. */
export type Figure = {
  readonly name: string
  readonly count: number
  readonly perSecond: number
  readonly microseconds: number
}

/** Runs `work`, which does something `count` times, and says how fast. */
export async function timed(
  name: string,
  count: number,
  work: () => Promise<unknown> | unknown,
): Promise<Figure> {
  const started = performance.now()
  await work()
  return figure(name, count, performance.now() - started)
}

/** A figure from a time that was measured, in milliseconds. */
export function figure(name: string, count: number, ms: number): Figure {
  return {
    name,
    count,
    perSecond: Math.round((count * 1000) / ms),
    microseconds: Math.round((ms * 10_000) / count) / 10,
  }
}

/** Memory in whole MiB: what the system gave to all threads, and what the main thread's objects take. */
export type Memory = { readonly residentMiB: number; readonly heapMiB: number }

/** Memory of this process once what nobody refers to was collected. */
export async function settledMemory(): Promise<Memory> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 2; turn += 1) {
    collect()
    // Buffers and threads give back what they hold in their own turns.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { residentMiB: Math.round(rss / 2 ** 20), heapMiB: Math.round(heapUsed / 2 ** 20) }
}

/** Says on standard error what is being measured; figures are for standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
