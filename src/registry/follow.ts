import { isWeirError } from '../errors.ts'
import type { Following, FollowState, Registry } from './model.ts'

/** A registry's eye on its chain. */
export type Follower = {
  /** Reads what became final since; never throws: what went wrong is the state. */
  step(): Promise<Following>
  now(): Following
}

const standsStillMs = 600_000

/** What a code says about the node. */
const states: Readonly<Record<string, FollowState>> = Object.assign(Object.create(null), {
  'chain/behind': 'behind',
  'chain/inconsistent': 'inconsistent',
  'chain/final-changed': 'inconsistent',
  'chain/wrong-chain': 'wrong-chain',
  'chain/wrong-code': 'wrong-chain',
})

/**
 * Follows a chain into the registry's store. Whatever the node does, what was read before goes on being
 * answered, with the block it was true at; how following goes is told beside it.
 */
export function followerOf(registry: Pick<Registry, 'chain' | 'clock' | 'stallMs'>): Follower {
  const { chain, clock, stallMs = standsStillMs } = registry
  let isOpen = false
  let state: FollowState = 'starting'
  let code: string | undefined
  let since = clock()
  const enter = (next: FollowState, why?: string): void => {
    if (next !== state) since = clock()
    state = next
    code = why
  }
  const now = (): Following => {
    const head = chain.past()?.view.block
    return { state, code, since, head, reorganisations: chain.reorganisations }
  }
  return {
    now,
    async step() {
      try {
        if (!isOpen) await chain.open()
        isOpen = true
        await chain.sync()
        const head = chain.past()?.view.block
        const age = head === undefined ? 0 : clock().getTime() - head.time.getTime()
        if (age > stallMs) enter('stalled')
        else enter(chain.reorganisations > 0 ? 'reorganised' : 'following')
      } catch (error) {
        const why = isWeirError(error) ? error.code : 'internal/unexpected'
        enter(states[why] ?? 'stopped', why)
      }
      return now()
    },
  }
}
