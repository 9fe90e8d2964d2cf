import { once } from 'node:events'
import { startWeir } from './weir.ts'

/** A running `weir up`. */
export type District = {
  /** JSON-RPC address of its chain. */
  readonly rpc: string
  /** Asks it to stop, as Ctrl-C does; its exit code, also if it ended before. */
  stop(): Promise<number | null>
}

/**
 * Starts a local district and waits until it is set up.
 *
 * @param env with `WEIR_HOME`, a folder that does not exist yet.
 */
export async function startDistrict(env: NodeJS.ProcessEnv): Promise<District> {
  const up = startWeir(['up', '--no-services', '--json'], env)
  let printed = ''
  let said = ''
  up.stderr?.on('data', (chunk) => {
    said += chunk
  })
  await new Promise<void>((resolve, reject) => {
    up.stdout?.on('data', (chunk) => {
      printed += chunk
      if (printed.includes('\n')) resolve()
    })
    up.once('exit', () => reject(new Error(`weir up ended: ${printed} ${said}`)))
  })
  return {
    rpc: JSON.parse(printed).rpc,
    stop: async () => {
      if (up.exitCode !== null) return up.exitCode
      up.kill('SIGINT')
      const [code] = await once(up, 'exit')
      return code
    },
  }
}
