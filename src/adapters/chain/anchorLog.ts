import { foldGroup, groupOf, groupSize } from '../../anchor/link.ts'
import type { AnchorRecord } from '../../anchor/model.ts'
import { InputError, OutsideError } from '../../errors.ts'
import type { BlockRef, ChainIdentity } from '../../identity/model.ts'
import { block, toQuantity } from './answers.ts'
import { type ChainLog, readLogs, topicsOf } from './logs.ts'
import type { Reader } from './reader.ts'
import type { Rpc } from './rpc.ts'

/**
 * One batch's record from its event, checked against the contract's storage: the links of the batch and
 * of those after it in its group must lead to the group's word, so a node cannot invent, change or omit
 * one without lying about storage too.
 *
 * @returns undefined where the contract has no such batch.
 * @throws {OutsideError} `chain/inconsistent` where events and storage disagree; as `Rpc.call`.
 */
export async function readAnchor(
  rpc: Rpc,
  contracts: ChainIdentity['contracts'],
  at: { readonly block: BlockRef; readonly startBlock: number; readonly read: Reader },
  issuer: string,
  sequence: number,
): Promise<AnchorRecord | undefined> {
  const { group, place } = groupOf(sequence)
  const sequences = Array.from({ length: groupSize - place + 1 }, (_, i) => sequence + i)
  const range = { from: at.startBlock, to: at.block.number }
  const topics = topicsOf('anchorRegistry', 'Anchored', [issuer, sequences])
  const [word, logs] = await Promise.all([
    at.read('anchorRegistry', 'linkOf', [issuer, group]),
    readLogs(rpc, contracts, ['anchorRegistry'], range, topics),
  ])
  const count = Number(word[1])
  if (count < place) return undefined
  const records = await Promise.all(logs.map((log) => recordOf(rpc, log)))
  const [record] = records
  const isAsked = record?.issuer === issuer && record.sequence === sequence
  // A chain of links that begins later also leads to the word.
  if (!isAsked || !leadsTo(records, { link: String(word[0]).toLowerCase(), count })) {
    throw new OutsideError('chain/inconsistent', { issuer, sequence })
  }
  return record
}

/** An `Anchored` event as a record. @throws {OutsideError} as `Rpc.call` */
async function recordOf(rpc: Rpc, log: ChainLog): Promise<AnchorRecord> {
  return anchorRecord(log, new Date(1000 * (log.timestamp ?? (await secondsOf(rpc, log)))))
}

/** An `Anchored` event as a record. */
export function anchorRecord(log: ChainLog, time: Date): AnchorRecord {
  const { issuer, sequence, previous, root, size } = log.event.args
  return {
    issuer: String(issuer).toLowerCase(),
    sequence: Number(sequence),
    previous: String(previous).toLowerCase(),
    root: String(root).toLowerCase(),
    size: Number(size),
    block: log.block,
    time,
  }
}

async function secondsOf(rpc: Rpc, log: ChainLog): Promise<number> {
  const method = 'eth_getBlockByNumber'
  const { time } = block(await rpc.call(method, [toQuantity(log.block), false]), method)
  return time.getTime() / 1000
}

function leadsTo(records: readonly AnchorRecord[], word: { link: string; count: number }): boolean {
  try {
    const folded = foldGroup(records)
    return folded.link === word.link && folded.count === word.count
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}
