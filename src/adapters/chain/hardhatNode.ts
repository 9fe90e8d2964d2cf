import { OutsideError } from '../../errors.ts'

/**
 * Starts Hardhat's node in this process, on loopback. It keeps nothing: when it stops, the chain is gone.
 * What is mined is final at once.
 *
 * @param port 0 for any free one.
 * @param intervalMs milliseconds between blocks; left out: each transaction is mined at once, and since no two
 *   blocks share a second, the chain's clock then runs ahead of time.
 * @throws {OutsideError} `chain/start-failed`, also where Hardhat is not installed.
 */
export async function startHardhatNode(
  chainId: number,
  port: number,
  intervalMs?: number,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  try {
    const { createHardhatRuntimeEnvironment } = await import('hardhat/hre')
    const hardhat = await createHardhatRuntimeEnvironment({
      networks: {
        weir: {
          type: 'edr-simulated',
          chainId,
          hardfork: 'prague',
          accounts: [],
          gasPrice: 0,
          initialBaseFeePerGas: 0,
          minGasPrice: 0,
          blockGasLimit: 1_000_000_000,
          mining: {
            auto: intervalMs === undefined,
            interval: intervalMs ?? 0,
            mempool: { order: 'fifo' },
          },
        },
      },
    })
    const server = await hardhat.network.createServer('weir', '127.0.0.1', port)
    const address = await server.listen()
    return { url: `http://127.0.0.1:${address.port}`, stop: () => server.close() }
  } catch (cause) {
    throw new OutsideError('chain/start-failed', { cause })
  }
}
