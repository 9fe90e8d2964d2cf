import type { ChainView } from '../ports/chain.ts'
import type { Batch } from '../ports/outbox.ts'
import { requireSameHistory } from './history.ts'
import { leavesOf, rootText } from './leaves.ts'
import type { AnchorStep, Issuer } from './model.ts'
import { reach } from './reach.ts'
import { select } from './select.ts'
import { standingAt } from './standing.ts'

/**
 * Builds the next batch from what waits and stores it; nothing is sent.
 *
 * @param maxBatch most copies in it.
 * @throws {TrustError} as `requireSameHistory`.
 * @throws {InputError} `store/duplicate` if another worker was first; the next step sees its batch.
 */
export async function build(
  issuer: Issuer,
  view: ChainView,
  maxBatch: number,
): Promise<AnchorStep> {
  await requireSameHistory(issuer, view)
  const { address } = issuer.department
  const { members, requests, changes, needSigning } = await select(
    issuer,
    standingAt(issuer, view),
    maxBatch,
  )
  if (members.length === 0 && changes.length === 0) {
    return { did: needSigning ? 'stale' : 'nothing', sequence: undefined }
  }
  await reach(issuer, 'anchor/selected')
  const last = await view.lastAnchor(address)
  const leaves = members.length === 0 ? new Uint8Array() : leavesOf(members)
  const batch: Batch = {
    issuer: address,
    sequence: last.sequence + 1,
    previous: last.link,
    root: rootText(leaves),
    size: leaves.length / 32,
    leaves,
    changes,
    transaction: undefined,
    state: 'built',
  }
  await reach(issuer, 'anchor/built')
  await issuer.outbox.addBatch(
    batch,
    members.map((member) => member.id),
    requests.map((request) => request.id),
  )
  await reach(issuer, 'anchor/stored')
  return { did: 'built', sequence: batch.sequence }
}
