import { isWeirError, OutsideError, TrustError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { Batch } from '../ports/outbox.ts'
import { build } from './build.ts'
import { anchoredRecord, isSame, requireSameHistory } from './history.ts'
import { recompute } from './leaves.ts'
import type { AnchorOptions, AnchorStep, Issuer } from './model.ts'
import { note } from './note.ts'
import { reach } from './reach.ts'

/** A block takes one batch of a department: one that is too small would hold back whoever issues faster. */
const defaultMaxBatch = 100_000

/**
 * Brings what waits one safe step nearer to the chain. After a crash at any point the next call goes on
 * from what the store and the chain say; nothing else is remembered.
 *
 * One batch is on its way at a time: the next one names its link, which only a final block settles.
 *
 * @throws {TrustError} `anchor/behind-chain`, `anchor/chain-lost-final` (see `requireSameHistory`),
 * `anchor/bad-batch` if the store gives back other bytes than went in.
 * @throws {OutsideError} from the chain; the next call tries again.
 */
export async function anchorStep(issuer: Issuer, options: AnchorOptions = {}): Promise<AnchorStep> {
  const { address } = issuer.department
  // The outbox first: what another worker does between the two readings only makes the chain newer.
  const [head] = await issuer.outbox.batches(address, ['built', 'sent', 'anchored'], 1)
  const view = await issuer.chain.view()
  if (head === undefined) return build(issuer, view, options.maxBatch ?? defaultMaxBatch)
  const last = await view.lastAnchor(address)
  if (last.sequence >= head.sequence) return confirm(issuer, view, head)
  if (last.sequence < head.sequence - 1) {
    const sequence = head.sequence - 1
    throw new TrustError('anchor/chain-lost-final', { issuer: address, sequence })
  }
  if (head.state === 'built') return write(issuer, head)
  return watch(issuer, head)
}

/** The batch is in the state of a final block: ours, or another's. */
async function confirm(issuer: Issuer, view: ChainView, batch: Batch): Promise<AnchorStep> {
  const { sequence } = batch
  const record = await anchoredRecord(view, batch.issuer, sequence)
  if (!isSame(batch, record)) {
    // Another process may have built this sequence anew since the batch was read.
    const now = await issuer.outbox.batch(batch.issuer, sequence)
    if (now !== undefined && isSame(now, record)) return { did: 'waiting', sequence }
    throw new TrustError('anchor/behind-chain', { issuer: batch.issuer, sequence })
  }
  await requireSameHistory(issuer, view)
  await reach(issuer, 'anchor/confirmed')
  const isOurs = await issuer.outbox.setState(batch.issuer, sequence, 'final')
  await reach(issuer, 'anchor/final')
  // Another process said so first.
  if (!isOurs) return { did: 'waiting', sequence }
  const { size, root } = batch
  await note(issuer, 'anchor/final', root, { sequence, size, changes: batch.changes.length })
  return { did: 'final', sequence }
}

/** Reads the batch back, recomputes it, stores the signed bytes, then sends them. */
async function write(issuer: Issuer, batch: Batch): Promise<AnchorStep> {
  const { sequence } = batch
  recompute(batch, await issuer.queue.members(batch.issuer, sequence))
  await reach(issuer, 'anchor/recomputed')
  const transaction = await prepare(issuer, batch)
  if (transaction === undefined) return undo(issuer, batch)
  await reach(issuer, 'anchor/prepared')
  await issuer.outbox.setTransaction(batch.issuer, sequence, transaction)
  await reach(issuer, 'anchor/recorded')
  // Marked before it is sent: a batch that says `built` was never seen by any node.
  await issuer.outbox.setState(batch.issuer, sequence, 'sent')
  await reach(issuer, 'anchor/marked')
  await send(issuer, { ...batch, transaction })
  await reach(issuer, 'anchor/sent')
  return { did: 'sent', sequence }
}

/** Not final yet: included, dropped, reorganised away, or spent without effect. */
async function watch(issuer: Issuer, batch: Batch): Promise<AnchorStep> {
  const { sequence } = batch
  const newest = await issuer.writer.latest(batch.issuer)
  if (newest.sequence >= sequence) {
    if (batch.state === 'anchored') return { did: 'waiting', sequence }
    await issuer.outbox.setState(batch.issuer, sequence, 'anchored')
    await reach(issuer, 'anchor/included')
    return { did: 'included', sequence }
  }
  if (batch.state === 'anchored') {
    await issuer.outbox.setState(batch.issuer, sequence, 'sent')
    await send(issuer, batch)
    return { did: 'reorganised', sequence }
  }
  if (await isSpent(issuer, batch)) {
    await note(issuer, 'anchor/nonce-spent', batch.root, { sequence })
    return write(issuer, batch)
  }
  await send(issuer, batch)
  return { did: 'waiting', sequence }
}

/** Whether the account's nonce went to a transaction that did not anchor this batch, for good. */
async function isSpent(issuer: Issuer, batch: Batch): Promise<boolean> {
  if (batch.transaction === undefined) return true
  if ((await issuer.writer.nonce()) <= batch.transaction.nonce) return false
  // Our own transaction may have become final since the first reading.
  const view = await issuer.chain.view()
  return (await view.lastAnchor(batch.issuer)).sequence < batch.sequence
}

async function prepare(issuer: Issuer, batch: Batch) {
  const { issuer: address, sequence, previous, root, size, changes } = batch
  try {
    return await issuer.writer.prepare({ issuer: address, sequence, previous, root, size, changes })
  } catch (error) {
    if (isWeirError(error) && error.code === 'chain/would-revert') return undefined
    throw error
  }
}

/** The contract does not take the batch: it is built again from what is good now. */
async function undo(issuer: Issuer, batch: Batch): Promise<AnchorStep> {
  const { sequence } = batch
  const newest = await issuer.writer.latest(batch.issuer)
  // Refused because another worker brought this very batch to the chain a moment ago.
  if (newest.sequence >= sequence) return { did: 'waiting', sequence }
  await issuer.outbox.dropBatch(batch.issuer, sequence)
  await note(issuer, 'anchor/dropped', batch.root, { sequence })
  return { did: 'dropped', sequence }
}

/** A lost or refused reply says nothing: the chain's state does. */
async function send(issuer: Issuer, batch: Batch): Promise<void> {
  if (batch.transaction === undefined) return
  try {
    await issuer.writer.send(batch.transaction)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
}
