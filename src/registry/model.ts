import type { BlockRef } from '../identity/model.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { FollowedChain, LeafStore } from '../ports/mirror.ts'

/**
 * How following goes. `following`: all is read. `reorganised`: all is read, but final blocks fell back since
 * this process began. `stalled`: the node answers, but its chain stands still. `stopped`: no answer, or none
 * that can be read. `behind`: the node knows less than was read. `inconsistent`: what it shows does not fit
 * together or not with the chain that was read. `wrong-chain`: another chain or other contracts.
 */
export type FollowState =
  | 'starting'
  | 'following'
  | 'reorganised'
  | 'stalled'
  | 'stopped'
  | 'behind'
  | 'inconsistent'
  | 'wrong-chain'

/** The state, its code where something is wrong, and since when it is so. */
export type Following = {
  readonly state: FollowState
  readonly code: string | undefined
  readonly since: Date
  readonly head: BlockRef | undefined
  readonly reorganisations: number
}

/** A leaf file that was refused or could not be had. */
export type CollectFault = {
  readonly issuer: string
  readonly sequence: number
  /** Why, a code of Weir's. */
  readonly code: string
  readonly at: Date
}

/** A registry node's parts. */
export type Registry = {
  readonly chain: FollowedChain
  readonly leaves: LeafStore
  readonly fetch: Fetch
  /** Where departments serve their leaf files: base addresses by department address, without a last `/`. */
  readonly sources: ReadonlyMap<string, string>
  readonly clock: Clock
  /** Milliseconds after which a head that does not move is `stalled`; default 600,000. */
  readonly stallMs?: number
}
