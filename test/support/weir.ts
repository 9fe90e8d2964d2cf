import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** What a run of the real command left behind. */
export type Ran = { readonly code: number | null; readonly out: string; readonly err: string }

/** The environment of a run: no home, no language, no colours but those given. */
function environment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return { PATH, HOME, TMPDIR, LANG: 'C', NO_COLOR: '1', ...extra }
}

/** Starts the real `weir` and leaves it running. */
export function startWeir(args: readonly string[], extra: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], { env: environment(extra) })
}

/** Runs the real `weir` to its end. */
export async function weir(
  args: readonly string[],
  {
    input,
    env = {},
  }: { readonly input?: string | Uint8Array; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const child = startWeir(args, env)
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => (out += chunk))
  child.stderr?.on('data', (chunk) => (err += chunk))
  // A command that does not read its input closes it.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input ?? '')
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}

/** Runs it with `--json` and reads its one answer. */
export async function weirJson(
  args: readonly string[],
  options: Parameters<typeof weir>[1] = {},
  // biome-ignore lint/suspicious/noExplicitAny: what a program reads has the shape that the test expects
): Promise<{ code: number | null; answer: any }> {
  const { code, out, err } = await weir([...args, '--json'], options)
  const lines = out.split('\n').filter((line) => line !== '')
  if (lines.length !== 1) throw new Error(`no single answer: ${out.length} characters, ${err}`)
  return { code, answer: JSON.parse(lines[0]!) }
}
