import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Said, Work } from './work.ts'

/** How a victim ended. */
export type End = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A victim that has loaded its code and waits for its work. */
export type Victim = {
  /** Gives it its work; everything that it says goes to `hear`, in order, also what it said before it died. */
  begin(work: Work, hear: (said: Said) => void): Promise<End>
  /** Ends it as a power cut would. */
  kill(): void
}

const script = join(import.meta.dirname, 'victim.ts')

/**
 * Starts a victim.
 *
 * @param wrapper a program and its arguments under which it runs, such as strace.
 */
export function spawnVictim(wrapper: readonly string[] = []): Victim {
  const [program, ...args] = [...wrapper, process.execPath, script]
  // In a group of its own, so that a wrapper dies with what it wraps.
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const ended = new Promise<End>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  ended.catch(() => {})
  child.stdin.on('error', () => {})
  return {
    begin(work, hear) {
      let partial = ''
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (partial + chunk).split('\n')
        // A last line without an end was never said.
        partial = lines.pop()!
        for (const line of lines) hear(JSON.parse(line))
      })
      child.stdin.write(`${JSON.stringify(work)}\n`)
      return ended
    },
    kill() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended a moment ago.
      }
    },
  }
}
