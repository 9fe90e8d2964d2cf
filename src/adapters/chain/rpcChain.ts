import type { StateProof, StorageSlot } from '../../anchor/model.ts'
import { OutsideError, TrustError } from '../../errors.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { Chain, ChainView } from '../../ports/chain.ts'
import { checkIdentity, checkNetwork } from './check.ts'
import { coldView } from './coldView.ts'
import type { Deployment } from './deployment.ts'
import { finalBlock } from './finality.ts'
import { Mirror } from './mirror.ts'
import { prove } from './prove.ts'
import type { Rpc } from './rpc.ts'

/** The chain of a deployment file, read from a node when asked; keeps nothing but its last final block. */
export class RpcChain implements Chain {
  readonly identity: Deployment['identity']
  readonly #rpc: Rpc
  readonly #deployment: Deployment
  #checked = false
  #last: BlockRef | undefined
  #history: Mirror | undefined

  constructor(rpc: Rpc, deployment: Deployment) {
    this.#rpc = rpc
    this.#deployment = deployment
    this.identity = deployment.identity
  }

  /** A view of the past is a fold over the chain's events up to then, see `Mirror`; the first takes long. */
  async view(at?: Date): Promise<ChainView> {
    const block = await this.#final()
    if (at === undefined || at >= block.time) return coldView(this.#rpc, this.#deployment, block)
    this.#history ??= new Mirror(this.#rpc, this.#deployment)
    return this.#history.view(at)
  }

  async prove(slots: readonly StorageSlot[]): Promise<StateProof> {
    return prove(this.#rpc, await this.#final(), slots)
  }

  async #final(): Promise<BlockRef> {
    const rpc = this.#rpc
    const check = this.#checked
      ? checkNetwork(rpc, this.identity)
      : checkIdentity(rpc, this.identity)
    const [block] = await Promise.all([finalBlock(rpc, this.#deployment.finality), check])
    this.#checked = true
    requireNewer(this.#last, block)
    this.#last = block
    return block
  }
}

/**
 * What is final never falls back.
 *
 * @throws {OutsideError} `chain/behind` if the node knows less than it did.
 * @throws {TrustError} `chain/final-changed` if it now says another block of the same height.
 */
export function requireNewer(before: BlockRef | undefined, now: BlockRef): void {
  if (before === undefined) return
  if (now.number < before.number) {
    throw new OutsideError('chain/behind', { seen: before.number, now: now.number })
  }
  if (now.number === before.number && now.hash !== before.hash) {
    throw new TrustError('chain/final-changed', { block: now.number })
  }
}
