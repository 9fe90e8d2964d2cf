import { OutsideError } from '../../errors.ts'
import type { Operation } from '../../identity/calls.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { RegistryWriter, SignedTransaction } from '../../ports/chainWriters.ts'
import { interfaces } from './abi.ts'
import type { ChainAccount } from './account.ts'
import { quantity } from './answers.ts'
import { checkIdentity } from './check.ts'
import type { Deployment } from './deployment.ts'
import { isDone, type Looking } from './effects.ts'
import { finalBlock, newestBlock } from './finality.ts'
import { readLogs, topicsOf } from './logs.ts'
import { readerAt } from './reader.ts'
import { dateOf } from './records.ts'
import { encodeCall } from './registryCalls.ts'
import { registryError } from './revert.ts'
import { type Rpc, RpcRefusal } from './rpc.ts'
import { nonceOf, type Patience, sendRaw, sendUntilFinal } from './send.ts'

/** What shall be sent, and how its effect is seen at a block. */
type Write = {
  readonly contract: 'departmentRegistry' | 'didRegistry'
  readonly data: string
  isDone(looking: Looking): Promise<boolean>
}

/** Operations looked through for one that says the same, newest first. */
const recentOperations = 64

/**
 * Writes DepartmentRegistry and ERC-1056 from one account at no fee. Calls made at once are signed one
 * after another and wait together, so that many independent ones share a block.
 */
export function registryWriter(
  rpc: Rpc,
  deployment: Deployment,
  account: ChainAccount,
  patience: Patience = {},
): RegistryWriter {
  const { identity, finality } = deployment
  const look = (block: BlockRef): Looking => {
    const read = readerAt(rpc, identity.contracts, block)
    return { rpc, deployment, block, read, account: account.address }
  }
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let nextNonce = 0
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work)
    turn = mine.catch(() => {})
    return mine
  }

  /** Another transaction of this account, or a block that fell back, may come between: then once more. */
  async function effect(write: Write): Promise<Looking> {
    await checkIdentity(rpc, identity)
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = look(await finalBlock(rpc, finality))
      if (await write.isDone(before)) return before
      const final = await sendOnce(write)
      const after = look(final)
      if (await write.isDone(after)) return after
    }
    throw new OutsideError('registry/no-effect')
  }

  async function sendOnce({ contract, data, isDone: shows }: Write): Promise<BlockRef> {
    const to = identity.contracts[contract]
    const request = { from: account.address, to, data, gasPrice: '0x0' }
    let gas: number
    try {
      gas = quantity(await rpc.call('eth_estimateGas', [request, 'latest']), 'eth_estimateGas')
    } catch (error) {
      // It may have happened in a block that is not final yet.
      const newest = await newestBlock(rpc)
      if (!(await shows(look(newest)))) throw registryError(error)
      return finalFrom(newest.number)
    }
    const transaction = await inTurn(() => sendNext(to, data, gas))
    try {
      await sendUntilFinal(rpc, finality, account.address, transaction, patience)
    } finally {
      waiting -= 1
    }
    return finalBlock(rpc, finality)
  }

  /** Takes the account's next nonce, counting what was sent and is not mined yet, and sends once. */
  async function sendNext(to: string, data: string, gas: number): Promise<SignedTransaction> {
    const mined = await nonceOf(rpc, account.address)
    const nonce = waiting === 0 ? mined : Math.max(mined, nextNonce)
    const gasLimit = (BigInt(gas) * 3n) / 2n + 50_000n
    const transaction = account.sign({ chainId: identity.chainId, nonce, to, data, gasLimit })
    try {
      await sendRaw(rpc, transaction)
    } catch (error) {
      // Whether it arrived is seen later; a node that says no has not taken it.
      if (error instanceof RpcRefusal || !(error instanceof OutsideError)) throw error
    }
    waiting += 1
    nextNonce = nonce + 1
    return transaction
  }

  async function finalFrom(number: number): Promise<BlockRef> {
    const { timeoutMs = 60_000, everyMs = 50 } = patience
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const final = await finalBlock(rpc, finality)
      if (final.number >= number) return final
      if (Date.now() > deadline) throw new OutsideError('chain/not-final-yet', { block: number })
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }

  const administration = (view: 'approve' | 'execute' | 'propose', args: readonly unknown[]) => ({
    contract: 'departmentRegistry' as const,
    data: interfaces.departmentRegistry.encodeFunctionData(view, args),
  })

  return {
    account: account.address,
    write: async (call) => {
      await effect({ ...encodeCall(call), isDone: (looking) => isDone(call, looking) })
    },
    propose: async (call) => {
      const { data } = encodeCall(call)
      let found: Operation | undefined
      await effect({
        ...administration('propose', [data]),
        isDone: async (looking) => {
          found = await openOperation(looking, data)
          return found !== undefined
        },
      })
      return found!
    },
    approve: async (id) => {
      const looking = await effect({
        ...administration('approve', [id]),
        isDone: (at: Looking) => happened(at, 'OperationApproved', [id, account.address]),
      })
      return (await operationAt(looking, id))!
    },
    execute: async (id) => {
      await effect({
        ...administration('execute', [id]),
        isDone: (looking) => happened(looking, 'OperationExecuted', [id]),
      })
    },
    operation: async (id) => operationAt(look(await finalBlock(rpc, finality)), id),
  }
}

async function operationAt({ read }: Looking, id: number): Promise<Operation | undefined> {
  const [count] = await read('departmentRegistry', 'operationCount', [])
  if (id >= Number(count)) return undefined
  const found = await read('departmentRegistry', 'operationOf', [id])
  return {
    id,
    approvals: Number(found.approvals),
    readyAt: dateOf(found.readyAt),
    isClosed: found.closed,
  }
}

/** The newest open operation with this call. */
async function openOperation(looking: Looking, data: string): Promise<Operation | undefined> {
  const [count] = await looking.read('departmentRegistry', 'operationCount', [])
  const oldest = Math.max(0, Number(count) - recentOperations)
  for (let id = Number(count) - 1; id >= oldest; id--) {
    const found = await looking.read('departmentRegistry', 'operationOf', [id])
    if (found[0] === data && !found.closed) return operationAt(looking, id)
  }
  return undefined
}

/** Whether the administration's event stands at or before the block. */
async function happened(
  { rpc, deployment, block }: Looking,
  event: string,
  values: readonly unknown[],
): Promise<boolean> {
  const { contracts } = deployment.identity
  const topics = topicsOf('departmentRegistry', event, values)
  const range = { from: deployment.startBlock, to: block.number }
  return (await readLogs(rpc, contracts, ['departmentRegistry'], range, topics)).length > 0
}
