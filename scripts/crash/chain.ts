import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { ChainOrder } from './chainProcess.ts'

/** The chain's process, as its tormentor sees it. */
export type ChainHandle = {
  /** JSON-RPC address; the same after a restart. */
  readonly url: string
  order(order: ChainOrder): void
  /** Ends the whole supervisor with SIGKILL and starts it again. */
  killSupervisor(): Promise<void>
  stop(): Promise<void>
}

const script = join(import.meta.dirname, 'chainProcess.ts')

/** Starts or continues the chain of a directory. */
export async function startChainProcess(directory: string, chainId: number): Promise<ChainHandle> {
  let { child, url } = await start(directory, '0', chainId)
  const { port } = new URL(url)
  return {
    url,
    order(order) {
      if (child.connected) child.send(order)
    },
    async killSupervisor() {
      const ended = gone(child)
      child.kill('SIGKILL')
      await ended
      ;({ child, url } = await start(directory, port, chainId))
    },
    async stop() {
      const ended = gone(child)
      if (child.connected) child.send('stop' satisfies ChainOrder)
      else child.kill('SIGKILL')
      await ended
    },
  }
}

async function start(directory: string, port: string, chainId: number) {
  const child = fork(script, [directory, port, String(chainId)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise<{ child: ChildProcess; url: string }>((resolve, reject) => {
    child.once('message', (message) => resolve({ child, ...(message as { url: string }) }))
    child.once('exit', (code) => reject(new Error(`the chain's process ended with ${code}`)))
  })
}

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}
