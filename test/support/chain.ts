import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountOf, type ChainAccount } from '../../src/adapters/chain/account.ts'
import { anvilBinary } from '../../src/adapters/chain/anvil.ts'
import { deploy } from '../../src/adapters/chain/deploy.ts'
import type { Deployment } from '../../src/adapters/chain/deployment.ts'
import { startHardhatNode } from '../../src/adapters/chain/hardhatNode.ts'
import { registryWriter } from '../../src/adapters/chain/registryWriter.ts'
import { Rpc } from '../../src/adapters/chain/rpc.ts'
import { type Supervised, supervise } from '../../src/adapters/chain/supervisor.ts'
import type { RegistryWriter } from '../../src/ports/chainWriters.ts'

/** A local chain with our contracts; `supervised` on anvil only. */
export type TestChain = {
  readonly url: string
  readonly rpc: Rpc
  readonly deployment: Deployment
  readonly supervised: Supervised | undefined
  /** Mines what waits until it is final (Hardhat mines by itself). */
  settle(): Promise<void>
  /** Time of the newest block. */
  now(): Promise<Date>
  writer(account: ChainAccount): RegistryWriter
  close(): Promise<void>
}

/** The chains on which adapters are tested; anvil only where npm brought it. */
export const chainKinds: readonly ('anvil' | 'hardhat')[] =
  anvilBinary() === undefined ? ['hardhat'] : ['anvil', 'hardhat']

/** A sample account, always the same for one name. */
export function sampleAccount(name: string): ChainAccount {
  return accountOf(createHash('sha256').update(`sample account ${name}`).digest())
}

/** Bytes32 for tests, always the same for one name: a thumbprint, a certificate hash, a root. */
export function sampleHash(name: string): string {
  return `0x${createHash('sha256').update(name).digest('hex')}`
}

/** Chain id of the test chains. */
export const testChainId = 20_260

/** anvil under our supervisor, with a new directory and quick blocks. */
export async function startSupervised(
  options: Partial<Parameters<typeof supervise>[1]> = {},
): Promise<Supervised & { readonly directory: string }> {
  const directory = options.directory ?? (await temporaryDirectory())
  const defaults = { chainId: testChainId, port: 0, blockTime: 0.02, heartbeat: 600 }
  const node = await supervise(anvilBinary()!, { ...defaults, ...options, directory })
  return { ...node, directory }
}

/** A chain of a kind, with the contracts deployed; one administrator, no delay. */
export async function startChain(kind: 'anvil' | 'hardhat'): Promise<TestChain> {
  if (kind === 'hardhat') {
    const node = await startHardhatNode(testChainId, 0)
    return withContracts(node.url, undefined, () => node.stop())
  }
  const node = await startSupervised()
  return withContracts(node.url, node, async () => {
    await node.stop()
    await rm(node.directory, { recursive: true, force: true })
  })
}

/** Deploys on a running chain. */
export async function withContracts(
  url: string,
  supervised: Supervised | undefined,
  stop: () => Promise<void>,
): Promise<TestChain> {
  const rpc = new Rpc(url)
  const deployment = await deploy(rpc, sampleAccount('deployer'), {
    administrators: [sampleAccount('administrator').address],
    threshold: 1,
    administrationDelay: 0,
    finality: { kind: 'tag', tag: 'finalized' },
    patience: { everyMs: 5 },
  })
  return {
    url,
    rpc,
    deployment,
    supervised,
    async settle() {
      await supervised?.settle()
    },
    async now() {
      const block = (await rpc.call('eth_getBlockByNumber', ['latest', false])) as {
        timestamp: string
      }
      return new Date(1000 * Number(block.timestamp))
    },
    writer: (account) => registryWriter(rpc, deployment, account, { everyMs: 5 }),
    async close() {
      rpc.close()
      await stop()
    },
  }
}

/** A directory that nobody else uses. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'weir-chain-'))
}

/**
 * Registers a root department whose account is its own address, accredits it for a type for a year, and
 * registers one assertion key.
 */
export async function registerRoot(
  chain: TestChain,
  name: string,
  certificateType: string,
): Promise<{ readonly account: ChainAccount; readonly thumbprint: string }> {
  const account = sampleAccount(name)
  const department = account.address
  const administrator = chain.writer(sampleAccount('administrator'))
  const own = chain.writer(account)
  const until = new Date((await chain.now()).getTime() + 365 * 86_400_000)
  const thumbprint = sampleHash(`${name} key`)
  const claim = {
    department,
    thumbprint,
    purpose: 'assertion',
    certificateHash: sampleHash(`${name} certificate`),
  } as const
  const administer = async (call: Parameters<RegistryWriter['propose']>[0]) => {
    const { id } = await administrator.propose(call)
    await administrator.execute(id)
  }
  await administer({ call: 'registerRoot', department, account: department })
  await own.write({ call: 'acceptAccount', department })
  await own.write({ call: 'proposeKey', ...claim })
  await administer({ call: 'confirmKey', ...claim })
  const rights = ['issue', 'accredit'] as const
  await administer({
    call: 'grantRoot',
    department,
    certificateType,
    rights,
    from: undefined,
    until,
  })
  return { account, thumbprint }
}
