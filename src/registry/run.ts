import { collect } from './collect.ts'
import { type Follower, followerOf } from './follow.ts'
import type { CollectFault, Registry } from './model.ts'

/** A registry node at work. */
export type Running = {
  readonly follower: Follower
  /** What the last round could not collect. */
  faults(): readonly CollectFault[]
  /**
   * Follows the chain and collects leaf files once; a round that is under way is shared.
   *
   * @throws {OutsideError} `store/*` if the store cannot be written; what the chain or a department does
   *   wrong is told by the follower's state and by `faults`.
   */
  round(): Promise<void>
}

/** A registry node whose rounds somebody asks for, again and again. */
export function runRegistry(registry: Registry): Running {
  const follower = followerOf(registry)
  let faults: readonly CollectFault[] = []
  let underWay: Promise<void> | undefined
  const once = async (): Promise<void> => {
    await follower.step()
    const collected = await collect(registry)
    faults = collected.faults
  }
  return {
    follower,
    faults: () => faults,
    round() {
      underWay ??= once().finally(() => {
        underWay = undefined
      })
      return underWay
    },
  }
}
