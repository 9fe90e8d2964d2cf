import type { AnchorRecord } from '../anchor/model.ts'
import { TrustError } from '../errors.ts'
import type { Batch, ChainView } from '../ports.ts'
import type { Issuer } from './model.ts'

/** Whether what the chain anchored under this sequence is this batch. */
export function isSame(batch: Batch, record: AnchorRecord): boolean {
  return (
    batch.sequence === record.sequence &&
    batch.root === record.root &&
    batch.size === record.size &&
    batch.previous === record.previous
  )
}

/**
 * Checks that store and chain tell one history: the newest batch on the chain is one that this store
 * holds, and the chain has not lost one that was final.
 *
 * @throws {TrustError} `anchor/behind-chain` if the store is older than the chain (a restored backup, a
 * second deployment): `reconcile` first; `anchor/chain-lost-final` if the chain is older than the store.
 */
export async function requireSameHistory(issuer: Issuer, view: ChainView): Promise<void> {
  const { address } = issuer.department
  const { sequence } = await view.lastAnchor(address)
  const next = await issuer.outbox.batch(address, sequence + 1)
  if (next?.state === 'final') {
    throw new TrustError('anchor/chain-lost-final', { issuer: address, sequence: sequence + 1 })
  }
  if (sequence === 0) return
  const own = await issuer.outbox.batch(address, sequence)
  const record = await view.anchor(address, sequence)
  if (own === undefined || record === undefined || !isSame(own, record)) {
    throw new TrustError('anchor/behind-chain', { issuer: address, sequence })
  }
}
