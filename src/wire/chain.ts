import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Deployment, readDeployment } from '../adapters/chain/deployment.ts'
import { Mirror } from '../adapters/chain/mirror.ts'
import { type LocalNode, startNode } from '../adapters/chain/node.ts'
import { Rpc } from '../adapters/chain/rpc.ts'
import { RpcChain } from '../adapters/chain/rpcChain.ts'
import type { Notice } from '../adapters/chain/supervisor.ts'
import { InputError } from '../errors.ts'
import type { Chain } from '../ports/chain.ts'
import { type Home, inHome } from './home.ts'

const addressFile = 'chain/address'

/** A chain that can be read, and its past from a mirror. */
export type OpenChain = {
  readonly rpc: Rpc
  readonly deployment: Deployment
  /** Reads from the node each time: for a single question. */
  readonly cold: Chain
  /** Reads from this process's own copy of the events: for many questions, and for the past. */
  readonly mirror: Mirror
  close(): void
}

/**
 * Starts the home's local chain and notes its address for other commands.
 *
 * @throws {InputError} `chain/locked` if it runs already, and as `startNode`.
 */
export async function startLocalChain(
  home: Home,
  onNotice: (notice: Notice) => void,
): Promise<LocalNode> {
  const { chainId, port } = home.configuration.chain
  const directory = inHome(home, 'chain/state')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const node = await startNode({
    directory,
    chainId,
    onNotice,
    ...(port !== undefined && { port }),
  })
  await writeFile(inHome(home, addressFile), node.url, { mode: 0o600 })
  return node
}

/**
 * Opens the home's chain: the one its configuration names, else the local one that `weir up` runs.
 *
 * @param reader whose copy of the events it is; a process that runs long keeps one of its own. Undefined: in
 *   memory, for processes that share a name.
 * @throws {InputError} `configuration/missing`, `deployment/unreadable`, `deployment/malformed`
 */
export async function openChain(
  home: Home,
  reader: string | undefined = 'commands',
): Promise<OpenChain> {
  const deployment = await readDeployment(inHome(home, home.configuration.chain.deployment))
  if (reader === undefined) return overRpc(await rpcOf(home), deployment, undefined)
  const path = inHome(home, `chain/mirror-${reader}.log`)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return overRpc(await rpcOf(home), deployment, path)
}

/**
 * Opens a chain from its deployment file alone, for somebody who only verifies.
 *
 * @param rpc JSON-RPC address; left out: the file's own.
 * @throws {InputError} `configuration/missing` if neither names one, `deployment/unreadable`,
 *   `deployment/malformed`
 */
export async function openForeignChain(file: string, rpc: string | undefined): Promise<OpenChain> {
  const deployment = await readDeployment(file)
  const address = rpc ?? deployment.rpc
  if (address === undefined) throw new InputError('configuration/missing', { option: '--rpc' })
  return overRpc(new Rpc(address), deployment, undefined)
}

/** JSON-RPC of the home's chain. @throws {InputError} `configuration/missing` if it never ran. */
export async function rpcOf(home: Home): Promise<Rpc> {
  const { rpc } = home.configuration.chain
  if (rpc !== undefined) return new Rpc(rpc)
  try {
    return new Rpc(await readFile(inHome(home, addressFile), 'utf8'))
  } catch (cause) {
    throw new InputError('configuration/missing', { command: 'weir up', cause })
  }
}

function overRpc(rpc: Rpc, deployment: Deployment, path: string | undefined): OpenChain {
  return {
    rpc,
    deployment,
    cold: new RpcChain(rpc, deployment),
    mirror: new Mirror(rpc, deployment, path === undefined ? {} : { path }),
    close: () => rpc.close(),
  }
}
