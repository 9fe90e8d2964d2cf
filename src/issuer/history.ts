import type { AnchorRecord } from '../anchor/model.ts'
import { OutsideError, TrustError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { Batch } from '../ports/outbox.ts'
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
 * The record of a sequence that the same view counts as anchored.
 *
 * @throws {OutsideError} `chain/inconsistent` if the node now denies it: it answered from two states.
 */
export async function anchoredRecord(
  view: ChainView,
  issuer: string,
  sequence: number,
): Promise<AnchorRecord> {
  const record = await view.anchor(issuer, sequence)
  if (record === undefined) throw new OutsideError('chain/inconsistent', { issuer, sequence })
  return record
}

/**
 * Checks that store and chain tell one history: the newest batch on the chain is one that this store
 * holds, and the chain has not lost one that was final.
 *
 * @throws {TrustError} `anchor/behind-chain` if the store is older than the chain (a restored backup, a
 * second deployment): `reconcile` first; `anchor/chain-lost-final` if the chain is older than the store.
 * @throws {OutsideError} `chain/inconsistent` if the node contradicts itself; ask again.
 */
export async function requireSameHistory(issuer: Issuer, view: ChainView): Promise<void> {
  const { address } = issuer.department
  let shown = view
  let { sequence } = await shown.lastAnchor(address)
  for (;;) {
    const next = await issuer.outbox.batch(address, sequence + 1)
    if (next?.state !== 'final') break
    // Another process may have made it final since this view: a newer one shows it.
    shown = await issuer.chain.view()
    const newer = await shown.lastAnchor(address)
    if (newer.sequence <= sequence) {
      throw new TrustError('anchor/chain-lost-final', { issuer: address, sequence: sequence + 1 })
    }
    sequence = newer.sequence
  }
  if (sequence === 0) return
  const own = await issuer.outbox.batch(address, sequence)
  const record = await anchoredRecord(shown, address, sequence)
  if (own === undefined || !isSame(own, record)) {
    throw new TrustError('anchor/behind-chain', { issuer: address, sequence })
  }
}
