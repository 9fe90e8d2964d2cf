import { InputError } from '../../errors.ts'
import { anvilBinary } from './anvil.ts'
import { startHardhatNode } from './hardhatNode.ts'
import { type Notice, type SupervisorOptions, supervise } from './supervisor.ts'

/** A local chain that this process runs. */
export type LocalNode = {
  /** `hardhat` keeps nothing across restarts: tell the operator. */
  readonly kind: 'anvil' | 'hardhat'
  /** Its JSON-RPC address on loopback. */
  readonly url: string
  /** Mines what waits and resolves once it is final. */
  settle(): Promise<void>
  /** Stops it; with anvil everything mined is dumped first. */
  stop(): Promise<void>
}

/** What may be said about it; all but the directory has a default. */
export type NodeOptions = Partial<Omit<SupervisorOptions, 'directory'>> & {
  readonly directory: string
}

/** Chain id of a local chain unless told: the region code of its first district. */
export const defaultChainId = 510181

/**
 * Starts the local chain of a directory: anvil, whose state survives restarts and kill -9, or, where
 * there is no anvil for this platform, Hardhat's node in memory.
 *
 * Defaults: chain id {@link defaultChainId}, any free port, a block one second after a transaction came, an
 * empty block after 30 idle seconds.
 *
 * @throws {InputError} `chain/forbidden-chain-id`, `chain/locked`, `chain/port-taken`
 * @throws {OutsideError} `chain/state-damaged`, `chain/start-failed`
 * @throws {TrustError} `chain/wrong-chain` if the directory holds a chain with another id.
 */
export async function startNode(options: NodeOptions): Promise<LocalNode> {
  const { chainId = defaultChainId, port = 0, blockTime = 1, heartbeat = 30 } = options
  refuseTestIds(chainId)
  const binary = anvilBinary()
  if (binary === undefined) {
    const node = await startHardhatNode(chainId, port, blockTime * 1000)
    return { kind: 'hardhat', url: node.url, settle: async () => {}, stop: node.stop }
  }
  const onNotice = options.onNotice ?? ((_notice: Notice) => {})
  const { directory } = options
  const node = await supervise(binary, { directory, chainId, port, blockTime, heartbeat, onNotice })
  const settle = async () => {
    await node.settle()
  }
  return { kind: 'anvil', url: node.url, settle, stop: node.stop }
}

/** ERC-1056's signed calls replay wherever chain id and address repeat, and these two repeat everywhere. */
function refuseTestIds(chainId: number): void {
  if (!Number.isSafeInteger(chainId) || chainId < 1 || [1337, 31337].includes(chainId)) {
    throw new InputError('chain/forbidden-chain-id', { chainId })
  }
}
