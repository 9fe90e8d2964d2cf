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

/** Resident memory of this process now, in MiB. */
export function memory(): number {
  return Math.round(process.memoryUsage.rss() / 1024 / 1024)
}

/** Says on standard error what is being measured; figures are for standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
