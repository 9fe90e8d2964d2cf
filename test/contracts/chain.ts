import { readFileSync } from 'node:fs'
import { Interface, type InterfaceAbi } from 'ethers'
import hre from 'hardhat'
import { artifactPath, type BuiltContract } from '../../scripts/contracts.ts'

/** The build under test: the committed one, or another (a mutant, an instrumented one) by environment. */
export const built: Record<string, BuiltContract> = JSON.parse(
  readFileSync(process.env.WEIR_CONTRACTS ?? artifactPath, 'utf8'),
)

/** Whether the build is instrumented, so that sizes and gas mean nothing. */
export const isInstrumented = process.env.HARDHAT_COVERAGE === 'true'

const interfaces = new Map(
  Object.entries(built).map(([name, { abi }]) => [name, new Interface(abi as InterfaceAbi)]),
)

/** A deployed contract, by its name in the build. */
export type Target = { readonly name: string; readonly address: string }

/** What a transaction did; events as `Name(arguments)`, addresses and hashes in lower case. */
export type Done = {
  readonly events: string[]
  /** The same events as name and arguments. */
  readonly logs: string[][]
  readonly gas: number
  readonly block: number
  readonly time: number
  readonly hash: string
}

type Receipt = {
  status: string
  contractAddress: string
  gasUsed: string
  blockNumber: string
  transactionHash: string
  logs: { address: string; topics: string[]; data: string }[]
}

/** Solidity's view of a contract of the build. */
export function interfaceOf(name: string): Interface {
  return interfaces.get(name)!
}

/** A value, tuple or array as one line, in lower case. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(',')}]`
  return String(value).toLowerCase()
}

/** An event or error with its arguments as one line. */
export function line(name: string, ...args: readonly unknown[]): string {
  return `${name}(${args.map(shown).join(',')})`
}

/** A custom error of any contract of ours as one line; other bytes as they are. */
export function errorIn(data: string): string {
  for (const one of interfaces.values()) {
    const error = one.parseError(data)
    if (error) return line(error.name, ...error.args.toArray())
  }
  return data
}

/** An in-process chain whose clock stands still unless a test moves it; each transaction is its own block. */
export async function openChain(chainId = 20_260) {
  const connection = await hre.network.create({ override: { chainId } })
  const request = <T>(method: string, ...params: unknown[]) =>
    connection.provider.request({ method, params }) as Promise<T>
  const accounts = await request<string[]>('eth_accounts')
  let now = 2_000_000_000
  const targets = new Map<string, Target>()

  const timeOf = async (block: string) =>
    Number((await request<{ timestamp: string }>('eth_getBlockByNumber', block, false)).timestamp)

  function logsOf(receipt: Pick<Receipt, 'logs'>): string[][] {
    return receipt.logs.map((log) => {
      const name = targets.get(log.address.toLowerCase())!.name
      const event = interfaceOf(name).parseLog(log)!
      return [event.name, ...event.args.toArray().map(shown)]
    })
  }

  async function transact(transaction: Record<string, string>): Promise<Receipt> {
    await request('evm_setNextBlockTimestamp', now)
    const hash = await request<string>('eth_sendTransaction', { gas: '0xf42400', ...transaction })
    return request<Receipt>('eth_getTransactionReceipt', hash)
  }

  async function done(receipt: Receipt): Promise<Done> {
    const logs = logsOf(receipt)
    return {
      events: logs.map(([name, ...args]) => line(name!, ...args)),
      logs,
      gas: Number(receipt.gasUsed),
      block: Number(receipt.blockNumber),
      time: await timeOf(receipt.blockNumber),
      hash: receipt.transactionHash,
    }
  }

  const encoded = (target: Target, name: string, args: readonly unknown[]) =>
    interfaceOf(target.name).encodeFunctionData(name, args as unknown[])

  /** Sends a transaction that may fail: what it did, or its error with the arguments. */
  async function attempt(from: string, target: Target, name: string, ...args: unknown[]) {
    try {
      return await done(
        await transact({ from, to: target.address, data: encoded(target, name, args) }),
      )
    } catch (error) {
      const bytes = (error as { data?: string | { data: string } }).data
      const data = typeof bytes === 'string' ? bytes : bytes?.data
      if (data === undefined) throw error
      return errorIn(data)
    }
  }

  /** Mines transactions into one block, in this order, and answers each with its error or its events. */
  async function together(
    calls: readonly (readonly [from: string, target: Target, name: string, ...args: unknown[]])[],
  ): Promise<{ succeeded: boolean; events: string[]; time: number; block: number }[]> {
    await request('evm_setAutomine', false)
    const hashes: string[] = []
    for (const [from, target, name, ...args] of calls) {
      const to = target.address
      hashes.push(
        await request<string>('eth_sendTransaction', {
          from,
          to,
          gas: '0x100000',
          data: encoded(target, name, args),
        }),
      )
    }
    await request('evm_setNextBlockTimestamp', now)
    await request('evm_mine')
    await request('evm_setAutomine', true)
    const receipts = []
    for (const hash of hashes) {
      const receipt = await request<Receipt>('eth_getTransactionReceipt', hash)
      const { events, block, time } = await done(receipt)
      receipts.push({ succeeded: receipt.status === '0x1', events, block, time })
    }
    return receipts
  }

  return {
    accounts,
    request,
    together,

    /** The next block's time in seconds. */
    now: () => now,

    /** Moves the next block's time. */
    wait(seconds: number) {
      now += seconds
    },

    /** Runs `body` and undoes what it did to the chain. */
    async aside<T>(body: () => Promise<T>): Promise<T> {
      const [snapshot, before] = [await request<string>('evm_snapshot'), now]
      try {
        return await body()
      } finally {
        await request('evm_revert', snapshot)
        now = before
      }
    },

    /** Deploys a contract of the build. */
    async deploy(name: string, from: string, ...args: unknown[]): Promise<Target & { done: Done }> {
      const code = built[name]!.bytecode + interfaceOf(name).encodeDeploy(args).slice(2)
      const receipt = await transact({ from, data: code })
      const target = { name, address: receipt.contractAddress.toLowerCase() }
      targets.set(target.address, target)
      return { ...target, done: await done(receipt) }
    },

    /** Names a contract that another one made. */
    found(name: string, address: string): Target {
      const target = { name, address: address.toLowerCase() }
      targets.set(target.address, target)
      return target
    },

    /** Sends a transaction that must succeed. */
    async send(from: string, target: Target, name: string, ...args: unknown[]): Promise<Done> {
      return done(await transact({ from, to: target.address, data: encoded(target, name, args) }))
    },

    attempt,

    /** Sends a transaction that must fail; answers its error with the arguments. */
    async refused(from: string, target: Target, name: string, ...args: unknown[]): Promise<string> {
      const result = await attempt(from, target, name, ...args)
      if (typeof result === 'string') return result
      throw new Error(`${name} was not refused`)
    },

    /** Calls a view; one value alone, several as an array, each as one line would show it. */
    async read(target: Target, name: string, ...args: unknown[]): Promise<string> {
      const result = await request<string>(
        'eth_call',
        { to: target.address, data: encoded(target, name, args) },
        'latest',
      )
      const values = interfaceOf(target.name).decodeFunctionResult(name, result).toArray()
      return values.length === 1 ? shown(values[0]) : shown(values)
    },

    /** Every event so far, oldest first. */
    async history(): Promise<{ log: string[]; block: number; time: number }[]> {
      const logs = await request<Receipt['logs']>('eth_getLogs', { fromBlock: '0x0' })
      const all = []
      for (const log of logs as (Receipt['logs'][number] & { blockNumber: string })[]) {
        const [one] = logsOf({ logs: [log] })
        all.push({ log: one!, block: Number(log.blockNumber), time: await timeOf(log.blockNumber) })
      }
      return all
    },

    /** One storage word. */
    storage: (target: Target, slot: string) =>
      request<string>('eth_getStorageAt', target.address, slot, 'latest'),

    close: () => connection.close(),
  }
}
