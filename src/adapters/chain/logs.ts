import type { LogDescription } from 'ethers'
import { OutsideError } from '../../errors.ts'
import type { ChainIdentity } from '../../identity/model.ts'
import { type ContractName, interfaces } from './abi.ts'
import { array, hex, object, quantity, toQuantity } from './answers.ts'
import type { Rpc } from './rpc.ts'

/** One event of our contracts, decoded, and where it stands. */
export type ChainLog = {
  readonly block: number
  readonly blockHash: string
  readonly transactionIndex: number
  readonly logIndex: number
  /** Seconds, where the node says it beside the log. */
  readonly timestamp: number | undefined
  readonly contract: ContractName
  readonly event: LogDescription
}

const method = 'eth_getLogs'
const names = Object.keys(interfaces) as ContractName[]

/**
 * Events of some of our contracts in a range of blocks, both ends included, in the chain's order.
 *
 * @param topics filter as in `eth_getLogs`; null: every event.
 * @throws {OutsideError} `chain/bad-answer` for anything outside the filter, unknown or marked removed,
 *   and as `Rpc.call`.
 */
export async function readLogs(
  rpc: Rpc,
  contracts: ChainIdentity['contracts'],
  which: readonly ContractName[],
  range: { readonly from: number; readonly to: number },
  topics: readonly (string | readonly string[] | null)[] = [],
): Promise<ChainLog[]> {
  const filter = {
    address: which.map((name) => contracts[name]),
    fromBlock: toQuantity(range.from),
    toBlock: toQuantity(range.to),
    topics,
  }
  const answers = array(await rpc.call(method, [filter]), method, 1_000_000)
  const logs = answers.map((answer) => logOf(answer, contracts))
  for (const { block, contract } of logs) {
    if (block < range.from || block > range.to || !which.includes(contract)) throw bad()
  }
  return logs.sort((a, b) => a.block - b.block || a.logIndex - b.logIndex)
}

/** Topics of an event with its indexed values; a list means any of them. */
export function topicsOf(
  contract: ContractName,
  event: string,
  values: readonly unknown[],
): readonly (string | readonly string[] | null)[] {
  return interfaces[contract].encodeFilterTopics(event, [...values])
}

function logOf(value: unknown, contracts: ChainIdentity['contracts']): ChainLog {
  const log = object(value, method)
  if (log.removed === true) throw bad()
  const address = hex(log.address, method, 20)
  const contract = names.find((name) => contracts[name] === address)
  const topics = array(log.topics, method, 4).map((topic) => hex(topic, method, 32))
  const event = contract && parse(contract, topics, hex(log.data, method))
  if (contract === undefined || !event) throw bad()
  return {
    block: quantity(log.blockNumber, method),
    blockHash: hex(log.blockHash, method, 32),
    transactionIndex: quantity(log.transactionIndex, method),
    logIndex: quantity(log.logIndex, method),
    timestamp: log.blockTimestamp === undefined ? undefined : quantity(log.blockTimestamp, method),
    contract,
    event,
  }
}

function parse(contract: ContractName, topics: string[], data: string): LogDescription | null {
  try {
    return interfaces[contract].parseLog({ topics, data })
  } catch (cause) {
    throw new OutsideError('chain/bad-answer', { method, cause })
  }
}

function bad(): OutsideError {
  return new OutsideError('chain/bad-answer', { method })
}
