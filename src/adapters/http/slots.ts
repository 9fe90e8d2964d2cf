/** Runs at most `most` pieces of work at once; the others wait their turn, first come first served. */
export function slots(
  most: number,
): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0

  return async (work, signal) => {
    signal.throwIfAborted()
    // Whoever leaves hands its slot to the first in line, so that nobody slips in between.
    if (busy < most) busy += 1
    else await turn(waiting, signal)
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }
}

function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    const giveUp = () => {
      waiting.splice(waiting.indexOf(enter), 1)
      reject(signal.reason)
    }
    waiting.push(enter)
    signal.addEventListener('abort', giveUp, { once: true })
  })
}
