import { concat, getCreateAddress } from 'ethers'
import { InputError, TrustError } from '../../errors.ts'
import type { ChainIdentity } from '../../identity/model.ts'
import { bytecode, interfaces } from './abi.ts'
import type { ChainAccount } from './account.ts'
import { block, hex, object, quantity, toQuantity } from './answers.ts'
import { codeHash } from './check.ts'
import contracts from './contracts.json' with { type: 'json' }
import type { Deployment } from './deployment.ts'
import type { Finality } from './finality.ts'
import type { Rpc } from './rpc.ts'
import { nonceOf, type Patience, sendUntilFinal } from './send.ts'

/** Who administers the registry, and what is final on its chain. */
export type DeployOptions = {
  /** Administrators' accounts, lower-case `0x` hex. */
  readonly administrators: readonly string[]
  /** How many of them must approve. */
  readonly threshold: number
  /** Seconds between approval and execution: 86,400 in production, 0 in the local district. */
  readonly administrationDelay: number
  readonly finality: Finality
  readonly patience?: Patience
}

/** Names in the order in which the deployer makes them, each with the gas it may use. */
const steps = [
  { name: 'didRegistry', compiled: 'EthereumDIDRegistry', gasLimit: 3_000_000n },
  { name: 'departmentRegistry', compiled: 'DepartmentRegistry', gasLimit: 8_000_000n },
  { name: 'anchorRegistry', compiled: 'AnchorRegistry', gasLimit: 4_000_000n },
] as const

/**
 * Deploys the contracts, or goes on where an earlier run stopped: the deployer's account is used for
 * nothing else, so its nonces 0, 1, 2 say what is done, and the bytes of each transaction are always the
 * same. Two runs at once, or a second run, deploy nothing twice.
 *
 * @returns what belongs into the deployment file, read back from a final block; `rpc` is left out.
 * @throws {InputError} `deployment/deployer-used` if the account did something else,
 *   `deployment/differs` if what stands there has other administrators, threshold or delay.
 * @throws {TrustError} `chain/wrong-code` if what stands there is not our code.
 * @throws {OutsideError} `chain/not-final-yet` and as `Rpc.call`; run it again.
 */
export async function deploy(
  rpc: Rpc,
  deployer: ChainAccount,
  options: DeployOptions,
): Promise<Deployment> {
  const chainId = quantity(await rpc.call('eth_chainId', []), 'eth_chainId')
  const addresses = addressesOf(deployer.address)
  const transactions = steps.map(({ name, gasLimit }, nonce) =>
    deployer.sign({
      chainId,
      nonce,
      to: undefined,
      data: creation(name, addresses, options),
      gasLimit,
    }),
  )
  const done = await nonceOf(rpc, deployer.address)
  let final = 0
  for (const transaction of transactions.slice(Math.min(done, steps.length - 1))) {
    final = await sendUntilFinal(
      rpc,
      options.finality,
      deployer.address,
      transaction,
      options.patience,
    )
  }
  await requireOurs(rpc, addresses, options, final)
  const genesis = await rpc.call('eth_getBlockByNumber', ['0x0', false])
  const receipt = await rpc.call('eth_getTransactionReceipt', [transactions[0]!.hash])
  return {
    identity: {
      chainId,
      genesisHash: block(genesis, 'eth_getBlockByNumber').hash,
      contracts: addresses,
      codeHashes: await codeHashesOf(rpc, addresses, final),
    },
    startBlock: receipt === null ? 0 : quantity(object(receipt, '').blockNumber, ''),
    administrationDelay: options.administrationDelay,
    finality: options.finality,
    rpc: undefined,
  }
}

/** The addresses follow from the deployer's; AnchorRegistry makes StatusRegistry as its first creation. */
function addressesOf(deployer: string): ChainIdentity['contracts'] {
  const created = (from: string, nonce: number) => getCreateAddress({ from, nonce }).toLowerCase()
  const anchorRegistry = created(deployer, 2)
  return {
    didRegistry: created(deployer, 0),
    departmentRegistry: created(deployer, 1),
    anchorRegistry,
    statusRegistry: created(anchorRegistry, 1),
  }
}

function creation(
  name: (typeof steps)[number]['name'],
  addresses: ChainIdentity['contracts'],
  { administrators, threshold, administrationDelay }: DeployOptions,
): string {
  const values = {
    didRegistry: [],
    departmentRegistry: [administrators, threshold, administrationDelay],
    anchorRegistry: [addresses.departmentRegistry],
  }[name]
  return concat([bytecode[name], interfaces[name].encodeDeploy(values)])
}

/** Reads back code and administration: a transaction of another kind may have used the nonce. */
async function requireOurs(
  rpc: Rpc,
  addresses: ChainIdentity['contracts'],
  options: DeployOptions,
  final: number,
): Promise<void> {
  for (const { name, compiled } of steps) {
    const code = hex(
      await rpc.call('eth_getCode', [addresses[name], toQuantity(final)]),
      'eth_getCode',
    )
    if (code === '0x') throw new InputError('deployment/deployer-used', { contract: name })
    if (masked(code, compiled) !== masked(contracts[compiled].deployedBytecode, compiled)) {
      throw new TrustError('chain/wrong-code', { contract: name, address: addresses[name] })
    }
  }
  const registry = interfaces.departmentRegistry
  const read = async (view: 'administrators' | 'threshold' | 'delay') => {
    const call = { to: addresses.departmentRegistry, data: registry.encodeFunctionData(view) }
    const answer = hex(await rpc.call('eth_call', [call, toQuantity(final)]), 'eth_call')
    return String(registry.decodeFunctionResult(view, answer)[0]).toLowerCase()
  }
  const expected = {
    administrators: options.administrators.map((each) => each.toLowerCase()).join(),
    threshold: String(options.threshold),
    delay: String(options.administrationDelay),
  }
  for (const view of ['administrators', 'threshold', 'delay'] as const) {
    if ((await read(view)) !== expected[view]) throw new InputError('deployment/differs', { view })
  }
}

async function codeHashesOf(rpc: Rpc, addresses: ChainIdentity['contracts'], final: number) {
  const hashes = Object.entries(addresses).map(async ([name, address]) => {
    return [name, codeHash(await rpc.call('eth_getCode', [address, toQuantity(final)]))]
  })
  return Object.fromEntries(await Promise.all(hashes)) as ChainIdentity['codeHashes']
}

/** Code with its immutable values blanked: the constructor fills them in. */
function masked(code: string, name: (typeof steps)[number]['compiled']): string {
  let text = code.slice(2).toLowerCase()
  for (const { start, length } of contracts[name].immutableReferences ?? []) {
    text = text.slice(0, 2 * start) + '0'.repeat(2 * length) + text.slice(2 * (start + length))
  }
  return text
}
