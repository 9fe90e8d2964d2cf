import { linkOf, zeroLink } from '../anchor/link.ts'
import type { AnchorRecord } from '../anchor/model.ts'
import { isWeirError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { Batch } from '../ports/outbox.ts'
import { type FsckEvent, finding } from './findings.ts'
import { isSame } from './history.ts'
import { recompute } from './leaves.ts'
import type { Issuer } from './model.ts'

/**
 * Leaves with roots, members with leaves, batches with the chain, and each link with the one before.
 *
 * @param words filled with every word that final batches changed, as the last of them left it.
 */
export async function* checkBatches(
  issuer: Issuer,
  view: ChainView,
  words: Map<string, bigint>,
): AsyncGenerator<FsckEvent, void, undefined> {
  const { address } = issuer.department
  const last = await view.lastAnchor(address)
  let link = zeroLink
  for (let sequence = 1; ; sequence += 1) {
    const batch = await issuer.outbox.batch(address, sequence)
    const record = await view.anchor(address, sequence)
    if (batch === undefined && sequence > last.sequence) break
    if (batch === undefined) yield finding('batches', sequence, 'fsck/missing-batch')
    else yield* checkBatch(issuer, batch, record)
    if (record !== undefined) {
      if (record.previous !== link) yield finding('batches', sequence, 'fsck/broken-link')
      link = linkOf(record)
      for (const { list, word, value } of batch?.changes ?? []) words.set(`${list}/${word}`, value)
    }
    if (sequence % 16 === 0) yield { kind: 'progress', stage: 'batches', done: sequence }
  }
  if (link !== last.link) yield finding('batches', last.sequence, 'fsck/broken-link')
  yield { kind: 'progress', stage: 'batches', done: last.sequence }
}

async function* checkBatch(
  issuer: Issuer,
  batch: Batch,
  record: AnchorRecord | undefined,
): AsyncGenerator<FsckEvent, void, undefined> {
  const { sequence } = batch
  try {
    recompute(batch, await issuer.queue.members(batch.issuer, sequence))
  } catch (error) {
    if (!isWeirError(error)) throw error
    yield finding('batches', sequence, 'fsck/wrong-batch')
  }
  if (record === undefined) {
    // On its way it need not be there; once final it must.
    if (batch.state === 'final') yield finding('batches', sequence, 'fsck/not-on-chain')
  } else if (!isSame(batch, record)) yield finding('batches', sequence, 'fsck/other-on-chain')
}
