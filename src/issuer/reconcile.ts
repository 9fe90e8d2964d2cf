import type { AnchorRecord } from '../anchor/model.ts'
import { leafHash, positionOf } from '../anchor/tree.ts'
import { isWeirError, TrustError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { StatusRequest } from '../ports/lists.ts'
import type { Batch } from '../ports/outbox.ts'
import type { StatusChange } from '../status/model.ts'
import { isAllowed, statusIn, wordOf } from '../status/word.ts'
import { isSame } from './history.ts'
import { rootText } from './leaves.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'

/** Lists that the lost time may have opened: about 134 million copies. */
const listMargin = 1024

/** What reconciling found. */
export type Reconciliation = {
  /** Batches that the chain holds and this store did not. */
  readonly batches: number
  /** Copies that turned out to be anchored already. */
  readonly members: number
  /** Leaves of those batches that belong to no copy here: lost copies, and padding. */
  readonly unknownLeaves: number
}

/**
 * Brings a store that is older than the chain (a restored backup) up to it, before anything is issued or
 * anchored again:
 *
 * 1. batches of this store that the chain never took, and never will, are taken apart;
 * 2. all open status lists are closed for good, so that no entry of the lost time is given twice;
 * 3. each batch that the chain holds is added with its leaves, checked against the chain's root; copies
 *    that stand in it are its members and are not anchored again;
 * 4. status words become the chain's.
 *
 * Repeating it after a crash goes on. `resume` comes first: what was only planned here may have been
 * signed and anchored in the lost time, and a plan signed again has the same fingerprint.
 *
 * @param leavesOf leaves of a batch from a mirror, 32 bytes each, ascending.
 * @throws {TrustError} `anchor/leaves-missing` if a mirror has none or others; `anchor/chain-lost-final`
 * if the chain denies a batch that was final here.
 */
export async function reconcile(
  issuer: Issuer,
  leavesOf: (record: AnchorRecord) => Promise<Uint8Array | undefined>,
): Promise<Reconciliation> {
  const { address } = issuer.department
  const view = await issuer.chain.view()
  const last = await view.lastAnchor(address)
  const missing: AnchorRecord[] = []
  for (let sequence = last.sequence; sequence >= 1; sequence -= 1) {
    const batch = await issuer.outbox.batch(address, sequence)
    const record = await view.anchor(address, sequence)
    if (record === undefined) throw new TrustError('anchor/chain-lost-final', { sequence })
    if (batch !== undefined && isSame(batch, record)) break
    if (batch !== undefined) await takeApart(issuer, batch)
    missing.unshift(record)
  }
  if (missing.length === 0) return { batches: 0, members: 0, unknownLeaves: 0 }
  const [next] = await issuer.lists.allocate(address, 1)
  await issuer.lists.fence(address, next!.list + listMargin)
  let members = 0
  let leaves = 0
  for (const record of missing) {
    const added = await addLost(issuer, view, record, leavesOf, record === missing.at(-1))
    members += added.members
    leaves += record.size
  }
  await note(issuer, 'anchor/reconciled', address, { batches: missing.length, members, leaves })
  return { batches: missing.length, members, unknownLeaves: leaves - members }
}

async function takeApart(issuer: Issuer, { sequence, state }: Batch): Promise<void> {
  const { address } = issuer.department
  if (state === 'final') throw new TrustError('anchor/chain-lost-final', { sequence })
  if (state === 'anchored') await issuer.outbox.setState(address, sequence, 'sent')
  await issuer.outbox.dropBatch(address, sequence)
}

async function addLost(
  issuer: Issuer,
  view: ChainView,
  record: AnchorRecord,
  leavesOf: (record: AnchorRecord) => Promise<Uint8Array | undefined>,
  isLast: boolean,
): Promise<{ members: number }> {
  const { issuer: address, sequence, previous, root, size } = record
  const leaves = size === 0 ? new Uint8Array() : await leavesOf(record)
  if (leaves === undefined || leaves.length !== size * 32 || safeRoot(leaves) !== root) {
    throw new TrustError('anchor/leaves-missing', { issuer: address, sequence })
  }
  const members = size === 0 ? [] : await membersIn(issuer, leaves)
  const changes = isLast ? await changesOf(issuer, view) : []
  const requests = isLast ? await doneRequests(issuer, view) : []
  const batch: Batch = {
    issuer: address,
    sequence,
    previous,
    root,
    size,
    leaves,
    changes,
    transaction: undefined,
    state: 'final',
  }
  await issuer.outbox.addBatch(
    batch,
    members,
    requests.map((request) => request.id),
  )
  return { members: members.length }
}

function safeRoot(leaves: Uint8Array): string | undefined {
  try {
    return rootText(leaves)
  } catch (error) {
    if (!isWeirError(error)) throw error
    return undefined
  }
}

/** Waiting copies whose leaf the batch holds. */
async function membersIn(issuer: Issuer, leaves: Uint8Array): Promise<number[]> {
  const members: number[] = []
  let after = 0
  for (;;) {
    const page = await issuer.queue.waiting(issuer.department.address, after, 1_000)
    if (page.length === 0) return members
    after = page.at(-1)!.id
    for (const { id, fingerprint } of page) {
      if (positionOf(leaves, leafHash(fingerprint)) !== undefined) members.push(id)
    }
  }
}

/** Words of our copies that the chain shows otherwise than this store. */
async function changesOf(issuer: Issuer, view: ChainView): Promise<StatusChange[]> {
  const { address } = issuer.department
  const seen = new Set<string>()
  const changes: StatusChange[] = []
  let after = 0
  for (;;) {
    const page = await issuer.certificates.scan(address, after, 1_000)
    if (page.length === 0) return changes
    after = page.at(-1)!.id
    for (const { list, index } of page) {
      const { word } = wordOf(index)
      const name = `${list}/${word}`
      if (seen.has(name)) continue
      seen.add(name)
      const value = await view.statusWord(address, list, word)
      if (value !== (await issuer.lists.word(address, list, word))) {
        changes.push({ list, word, value })
      }
    }
  }
}

/** Waiting requests that the chain shows, or that its state no longer takes. */
async function doneRequests(issuer: Issuer, view: ChainView): Promise<StatusRequest[]> {
  const { address } = issuer.department
  const done: StatusRequest[] = []
  for (const request of await issuer.lists.pendingRequests(address, 10_000)) {
    const { word, entry } = wordOf(request.index)
    const shown = statusIn(await view.statusWord(address, request.list, word), entry)
    if (!isAllowed(shown, request.to)) done.push(request)
  }
  return done
}
