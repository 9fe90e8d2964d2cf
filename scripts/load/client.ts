import { type Dispatcher, Pool } from 'undici'

/** One request, and whether its answer is the one that a good client hopes for. */
export type Shot = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly isGood: boolean
}

/** What a load met; times in milliseconds from the request to the end of its answer. */
export type Load = {
  readonly requests: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Answers by status code; `cut` where the connection ended. */
  readonly statuses: Readonly<Record<string, number>>
}

/** Connections to one service from some addresses of this machine. */
export function openPools(url: string, addresses: readonly string[], connections: number) {
  const each = Math.max(1, Math.floor(connections / addresses.length))
  const pools = addresses.map((localAddress) => new Pool(url, { connections: each, localAddress }))
  let turn = 0
  return {
    next: () => {
      turn += 1
      return pools[turn % pools.length]!
    },
    close: async () => {
      for (const pool of pools) await pool.destroy()
    },
  }
}

/** Where shots go: good ones and hostile ones come from different addresses. */
export type Aim = (shot: Shot) => Dispatcher

/**
 * Keeps `atOnce` requests going for some time.
 *
 * @returns the good and the hostile ones apart.
 */
export async function shoot(
  aim: Aim,
  next: () => Shot,
  { seconds, atOnce }: { readonly seconds: number; readonly atOnce: number },
): Promise<{ readonly good: Load; readonly hostile: Load }> {
  const seen = { good: [] as number[], hostile: [] as number[] }
  const statuses = { good: {} as Record<string, number>, hostile: {} as Record<string, number> }
  const started = performance.now()
  const until = started + seconds * 1000
  const one = async () => {
    while (performance.now() < until) {
      const shot = next()
      const kind = shot.isGood ? 'good' : 'hostile'
      const begun = performance.now()
      const status = await answered(aim(shot), shot)
      seen[kind].push(performance.now() - begun)
      statuses[kind][status] = (statuses[kind][status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  const ms = performance.now() - started
  return {
    good: loadOf(seen.good, statuses.good, ms),
    hostile: loadOf(seen.hostile, statuses.hostile, ms),
  }
}

async function answered(pool: Dispatcher, { method, path, body, headers }: Shot): Promise<string> {
  try {
    const answer = await pool.request({
      method,
      path,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
    })
    await answer.body.dump({ limit: 4_194_304 })
    return String(answer.statusCode)
  } catch {
    return 'cut'
  }
}

/** Figures of some times in milliseconds. */
export function loadOf(
  times: readonly number[],
  statuses: Readonly<Record<string, number>>,
  ms: number,
): Load {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)) /
    10
  return {
    requests: sorted.length,
    perSecond: Math.round((sorted.length * 1000) / ms),
    p50: at(0.5),
    p99: at(0.99),
    statuses,
  }
}
