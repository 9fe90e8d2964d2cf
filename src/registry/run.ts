import { collect } from './collect.ts'
import { type Follower, followerOf } from './follow.ts'
import type { CollectFault, Registry } from './model.ts'

/** A registry node at work. */
export type Running = {
  readonly follower: Follower
  /** What the last round could not collect. */
  faults(): readonly CollectFault[]
  /** Follows and collects once; a round that is under way is shared. */
  round(): Promise<void>
  /** Ends after the round that is under way. */
  stop(): Promise<void>
}

/**
 * Follows the chain and collects leaf files, again and again.
 *
 * @param everyMs pause between two rounds; 0: only when `round` is called.
 * @param onFailure told of what no state speaks of, for example a full disk; rounds go on.
 */
export function runRegistry(
  registry: Registry,
  everyMs: number,
  onFailure: (error: unknown) => void = () => undefined,
): Running {
  const follower = followerOf(registry)
  let faults: readonly CollectFault[] = []
  let underWay: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false
  const once = async (): Promise<void> => {
    await follower.step()
    const collected = await collect(registry)
    faults = collected.faults
  }
  const round = (): Promise<void> => {
    underWay ??= once().finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const goOn = (): void => {
    if (isStopped) return
    timer = setTimeout(() => {
      round().catch(onFailure).finally(goOn)
    }, everyMs)
  }
  if (everyMs > 0) goOn()
  return {
    follower,
    faults: () => faults,
    round,
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await underWay?.catch(() => undefined)
    },
  }
}
