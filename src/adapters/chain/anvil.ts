import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { OutsideError } from '../../errors.ts'
import { Rpc } from './rpc.ts'
import type { ChainState, Genesis } from './stateFile.ts'

/** A running anvil that mines only when told; nobody but its supervisor talks to it. */
export type Anvil = {
  readonly rpc: Rpc
  readonly pid: number
  /** Resolves when the process is gone, whoever ended it. */
  readonly exited: Promise<void>
  /** Ends it (SIGKILL: all that counts is in our dumps) and waits. */
  stop(): Promise<void>
}

/**
 * Runs its arguments, says their pid, and ends them when fd 3 closes: that is when we are gone, kill -9
 * included.
 */
const leash = `"$@" >/dev/null 2>&1 3<&- & anvil=$!; echo $anvil
(cat <&3; kill -9 $anvil) >/dev/null 2>&1 & watch=$!
wait $anvil; kill $watch`

/** States of past blocks that anvil keeps for reads and proofs at a block that is not the newest. */
const keptStates = 128

/** Where npm put anvil for this platform; undefined: not here. */
export function anvilBinary(): string | undefined {
  const require = createRequire(import.meta.url)
  try {
    const file = require.resolve('@foundry-rs/anvil-linux-amd64/package.json')
    const binary = join(dirname(file), 'bin', 'anvil')
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

/**
 * Starts anvil on a free loopback port with gas price zero, from a dump or from nothing.
 *
 * @param genesis what the chain begins with, the same at every start.
 * @param directory where the pid and the unpacked dump lie while it runs; an anvil that an earlier
 *   supervisor left behind here is ended first.
 * @throws {OutsideError} `chain/start-failed`
 */
export async function startAnvil(
  binary: string,
  directory: string,
  genesis: Genesis,
  state: ChainState | undefined,
): Promise<Anvil> {
  const pidFile = join(directory, 'anvil.pid')
  await endLeftover(pidFile, binary, directory)
  const port = await freePort()
  const load = join(directory, 'load.json')
  if (state !== undefined) await writeFile(load, gunzipSync(state.dump), { mode: 0o600 })
  const child = spawn(
    'sh',
    [
      ...['-c', leash, 'sh', binary],
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(genesis.chainId)],
      ...['--gas-price', '0', '--base-fee', '0', '--disable-min-priority-fee', '--accounts', '0'],
      ...['--timestamp', String(genesis.timestamp), '--gas-limit', String(genesis.gasLimit)],
      ...['--hardfork', 'prague', '--no-mining', '--order', 'fifo'],
      ...['--prune-history', String(keptStates), '--no-request-size-limit', '--no-cors', '--quiet'],
      ...['--disable-default-create2-deployer', '--threads', '1', '--cache-path', directory],
      ...(state === undefined ? [] : ['--load-state', load]),
    ],
    { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] },
  )
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  }).then(() => {
    for (const pipe of child.stdio) pipe?.destroy()
  })
  const pid = await pidOf(child, exited)
  await writeFile(pidFile, String(pid))
  const rpc = new Rpc(`http://127.0.0.1:${port}`, { timeoutMs: 120_000, maxBytes: 2 ** 30 })
  const stop = async () => {
    if (child.exitCode === null) signal(pid)
    await exited
    rpc.close()
    await rm(pidFile, { force: true })
  }
  try {
    await answering(rpc, child)
  } catch (cause) {
    await stop()
    throw new OutsideError('chain/start-failed', { cause })
  } finally {
    await rm(load, { force: true })
  }
  return { rpc, pid, exited, stop }
}

/** The first line that the shell says. */
async function pidOf(child: ChildProcess, exited: Promise<void>): Promise<number> {
  const line = new Promise<string>((resolve) => {
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += chunk
      if (text.includes('\n')) resolve(text)
    })
  })
  const pid = Number(await Promise.race([line, exited.then(() => '')]))
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new OutsideError('chain/start-failed')
  return pid
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself.
  }
}

async function answering(rpc: Rpc, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      await rpc.call('eth_chainId', [])
      return
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error
      await pause(10)
    }
  }
}

/** A supervisor that died by kill -9 leaves its anvil behind, with blocks that were never final. */
async function endLeftover(pidFile: string, binary: string, directory: string): Promise<void> {
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8'))
  if (isAnvil(pid, binary, directory)) {
    signal(pid)
    while (isAnvil(pid, binary, directory)) await pause(10)
  }
  await rm(pidFile, { force: true })
}

/** The pid may belong to another process by now, so its command line must be anvil's for this directory. */
function isAnvil(pid: number, binary: string, directory: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words[0] === binary && words.includes(directory)
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}
