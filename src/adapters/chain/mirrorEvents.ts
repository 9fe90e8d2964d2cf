import { OutsideError } from '../../errors.ts'
import type { BlockRef, ChainIdentity } from '../../identity/model.ts'
import { type ContractName, interfaces } from './abi.ts'
import { array, block, hex, object, toQuantity } from './answers.ts'
import { mayHold } from './bloom.ts'
import type { MirrorEvent } from './fold.ts'
import { type ChainLog, readLogs } from './logs.ts'
import type { Rpc } from './rpc.ts'

const names = Object.keys(interfaces) as ContractName[]
const blockMethod = 'eth_getBlockByNumber'
/** Ranges up to this many blocks are checked header by header. */
const checkedBlocks = 256

/**
 * Every event of our contracts in a range of blocks, and the range's last block.
 *
 * In short ranges (all but a first fold) each header is read too: they must form a chain from `after`, and
 * where a header's bloom says that our contracts logged, the node must show logs.
 *
 * @throws {OutsideError} `chain/inconsistent` where logs and blocks do not belong together; as `Rpc.call`.
 */
export async function readEvents(
  rpc: Rpc,
  contracts: ChainIdentity['contracts'],
  range: { readonly from: number; readonly to: number; readonly after: BlockRef | undefined },
): Promise<{ events: MirrorEvent[]; head: BlockRef }> {
  const logs = await readLogs(rpc, contracts, names, range)
  const withLogs = new Set(logs.map((log) => log.block))
  const all = range.to - range.from < checkedBlocks
  const wanted = all
    ? Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i)
    : [...new Set([...withLogs, range.to])]
  const headers = new Map<number, Header>()
  for (const header of await Promise.all(wanted.map((number) => readHeader(rpc, number)))) {
    headers.set(header.number, header)
  }
  for (const log of logs) {
    if (headers.get(log.block)?.hash !== log.blockHash) throw inconsistent(log.block)
  }
  if (all) {
    requireLinked([...headers.values()], range.after)
    const addresses = Object.values(contracts)
    for (const header of headers.values()) {
      if (withLogs.has(header.number)) continue
      if (!addresses.some((address) => mayHold(header.bloom, address))) continue
      if (await hasLogs(rpc, header, addresses)) throw inconsistent(header.number)
    }
  }
  const { number, hash, time } = headers.get(range.to)!
  const events = logs.map((log) => eventOf(log, headers.get(log.block)!.time))
  return { events, head: { number, hash, time } }
}

type Header = BlockRef & {
  readonly parentHash: string
  readonly bloom: string
  readonly transactions: readonly string[]
}

async function readHeader(rpc: Rpc, number: number): Promise<Header> {
  const answer = await rpc.call(blockMethod, [toQuantity(number), false])
  const { logsBloom, transactions } = object(answer, blockMethod)
  const hashes = array(transactions, blockMethod, 100_000)
  const header = {
    ...block(answer, blockMethod),
    bloom: hex(logsBloom, blockMethod, 256),
    transactions: hashes.map((hash) => hex(hash, blockMethod, 32)),
  }
  if (header.number !== number) throw new OutsideError('chain/bad-answer', { method: blockMethod })
  return header
}

function requireLinked(headers: readonly Header[], after: BlockRef | undefined): void {
  let parent = after?.hash
  for (const { number, hash, parentHash } of headers) {
    if (parent !== undefined && parentHash !== parent) throw inconsistent(number)
    parent = hash
  }
}

/** A bloom errs on one side only: whether there are logs, the receipts say. */
async function hasLogs(rpc: Rpc, header: Header, addresses: readonly string[]): Promise<boolean> {
  const method = 'eth_getTransactionReceipt'
  const receipts = await Promise.all(header.transactions.map((hash) => rpc.call(method, [hash])))
  return receipts.some((receipt) =>
    array(object(receipt, method).logs, method, 1_000_000).some((log) =>
      addresses.includes(hex(object(log, method).address, method, 20)),
    ),
  )
}

function eventOf(log: ChainLog, time: Date): MirrorEvent {
  const { fragment, name, args } = log.event
  const values = fragment.inputs.map((input, place) => [input.name, textOf(args[place])])
  return {
    block: log.block,
    seconds: time.getTime() / 1000,
    transactionIndex: log.transactionIndex,
    logIndex: log.logIndex,
    contract: log.contract,
    name,
    args: Object.fromEntries(values),
  }
}

/** Addresses and bytes as lower-case hex, integers as decimal text. */
function textOf(value: unknown): string {
  return String(value).toLowerCase()
}

function inconsistent(number: number): OutsideError {
  return new OutsideError('chain/inconsistent', { block: number })
}
