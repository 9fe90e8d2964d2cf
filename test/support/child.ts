import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** A script of `test/support` in its own process. */
export type Child = {
  readonly process: ChildProcess
  /** The next line that it prints. */
  line(): Promise<string>
  /** Everything it printed, after its end. */
  rest(): Promise<string[]>
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>
}

/**
 * Starts a script of this folder under this Node.
 *
 * @param prefix shell words before the command, such as `ulimit -f 100; exec`.
 */
export function startChild(script: string, args: readonly string[], prefix = 'exec'): Child {
  const file = join(import.meta.dirname, script)
  const line = `${prefix} "$@"`
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const printed: string[] = []
  let waiting: (() => void) | undefined
  let partial = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (partial + chunk.toString()).split('\n')
    partial = parts.pop() ?? ''
    printed.push(...parts)
    waiting?.()
  })
  return {
    process: child,
    line: async () => {
      while (printed.length === 0) {
        await Promise.race([new Promise<void>((resolve) => (waiting = resolve)), ended])
        if (printed.length === 0 && child.exitCode !== null) throw new Error('child ended')
      }
      return printed.shift() ?? ''
    },
    rest: async () => {
      await ended
      return printed.splice(0)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
