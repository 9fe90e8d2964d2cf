import { Resolver } from 'did-resolver'
import { BrowserProvider, Interface } from 'ethers'
import registryPackage from 'ethr-did-registry'
import { getResolver as getReferenceResolver } from 'ethr-did-resolver'
import hre from 'hardhat'
import type { Erc1056Event } from '../../src/identity/erc1056.ts'
import { type Erc1056Source, getResolver } from '../../src/identity/resolver.ts'

const { EthereumDIDRegistry: artifact } = registryPackage
const abi = new Interface(artifact.abi)

type Log = { blockNumber: string; logIndex: string; topics: string[]; data: string }

/** One call of the registry: from, function, arguments. */
export type Call = readonly [from: string, name: string, ...args: unknown[]]

/** ERC-1056 on an in-process chain, read by our resolver and by the published one. */
export async function openDidRegistry(chainId = 0x4d2) {
  const connection = await hre.network.create({ override: { chainId } })
  const request = <T>(method: string, ...params: unknown[]) =>
    connection.provider.request({ method, params }) as Promise<T>
  const accounts = (await request<string[]>('eth_accounts')).map((one) => one.toLowerCase())
  let now = 2_000_000_000
  await request('evm_setNextBlockTimestamp', now)
  const deployed = await request<string>('eth_sendTransaction', {
    from: accounts[0],
    data: artifact.bytecode,
    gas: '0x800000',
  })
  const registry = (
    await request<{ contractAddress: string }>('eth_getTransactionReceipt', deployed)
  ).contractAddress
  await request('evm_setAutomine', false)

  const timeOf = async (block: string) => {
    const found = await request<{ timestamp: string } | null>('eth_getBlockByNumber', block, false)
    return found ? new Date(Number(found.timestamp) * 1000) : undefined
  }

  const source: Erc1056Source = {
    async history(address) {
      const logs = await request<Log[]>('eth_getLogs', {
        address: registry,
        fromBlock: '0x0',
        topics: [null, `0x${'0'.repeat(24)}${address.slice(2)}`],
      })
      const events = await Promise.all(
        logs.map(async (log): Promise<Erc1056Event> => {
          const { name, args } = abi.parseLog(log)!
          const event = {
            block: Number(log.blockNumber),
            time: (await timeOf(log.blockNumber))!,
            logIndex: Number(log.logIndex),
            event: name,
            ...lower(args.toObject()),
          }
          return event as Erc1056Event
        }),
      )
      const number = Number(await request<string>('eth_blockNumber'))
      return { head: { number, time: (await timeOf('latest'))! }, events }
    },
    blockTime: (block) => timeOf(`0x${block.toString(16)}`),
  }
  const provider = new BrowserProvider(connection.provider, chainId)
  const network = `0x${chainId.toString(16)}`
  const reference = getReferenceResolver({
    networks: [{ name: network, chainId, provider: provider as never, registry }],
  })

  return {
    accounts,
    source,
    did: (address: string) => `did:ethr:${network}:${address}`,
    ours: new Resolver(getResolver({ chainId, source })),
    reference: new Resolver(reference as never),
    now: () => now,
    /** Mines calls into one block, `seconds` after the last one; those that revert change nothing. */
    async mine(seconds: number, ...calls: readonly Call[]): Promise<number> {
      for (const [from, name, ...args] of calls) {
        const data = abi.encodeFunctionData(name, args)
        await request('eth_sendTransaction', { from, to: registry, gas: '0x40000', data })
      }
      now += seconds
      await request('evm_setNextBlockTimestamp', now)
      await request('evm_mine')
      return Number(await request<string>('eth_blockNumber'))
    },
    async close() {
      provider.destroy()
      await connection.close()
    },
  }
}

/** A name as bytes32. */
export function bytes32(name: string): string {
  return `0x${Buffer.from(name).toString('hex').padEnd(64, '0')}`
}

function lower(args: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.toLowerCase() : value,
    ]),
  )
}
