import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { OutsideError } from '../errors.ts'
import { type Home, inHome } from './home.ts'

/** Set for a process that shall end when the one that started it is gone. */
export const withParent = 'WEIR_WITH_PARENT'

/** One service to run as a process of its own: arguments of `weir`. */
export type ProcessPlan = { readonly name: string; readonly args: readonly string[] }

/** Every member of a home and its registry node, each as a process of its own in the development profile. */
export function districtPlans({ configuration }: Home): ProcessPlan[] {
  return [
    ...Object.keys(configuration.departments).map((name) => ({
      name,
      args: ['serve', name, '--development'],
    })),
    { name: 'registry', args: ['registry', '--development'] },
  ]
}

/** What an operator should know of a process. */
export type ProcessNotice = { readonly name: string; readonly kind: 'restarted' | 'failed' }

/** Processes that run. */
export type Processes = {
  /** Where each answers. */
  readonly urls: ReadonlyMap<string, string>
  /** Asks all to stop and waits until they are gone. */
  stop(): Promise<void>
}

/** A process that died is started again, but not more often than this. */
const mostRestarts = 5
/** Milliseconds after which a process that was asked to stop is ended. */
const patienceMs = 12_000

/**
 * Runs services as processes of their own, with their logs under `logs/` of the home. They end when this
 * process is gone, however it ended.
 *
 * @param command the program and its first arguments, for example Node and `weir`'s own file.
 * @throws {OutsideError} `service/did-not-start` with the name; those that run are stopped first.
 */
export async function startProcesses(
  home: Home,
  command: readonly string[],
  plans: readonly ProcessPlan[],
  onNotice: (notice: ProcessNotice) => void,
): Promise<Processes> {
  const compiled = inHome(home, 'compiled')
  for (const folder of [inHome(home, 'logs'), compiled]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  const running = new Map<string, ChildProcess>()
  const urls = new Map<string, string>()
  let isStopping = false

  async function run(plan: ProcessPlan, restarts: number): Promise<void> {
    const log = await open(inHome(home, `logs/${plan.name}.log`), 'a', 0o600)
    const [program, ...first] = command
    const child = spawn(program!, [...first, ...plan.args, '--json', '--home', home.path], {
      // The pipe on standard input closes with this process.
      stdio: ['pipe', 'pipe', log.fd],
      // Node keeps the code that it compiled: every later start costs half.
      env: { NODE_COMPILE_CACHE: compiled, ...process.env, [withParent]: '1' },
    })
    running.set(plan.name, child)
    child.once('exit', () => {
      running.delete(plan.name)
      void log.close()
    })
    const url = await readyAt(child)
    if (url === undefined) {
      child.kill('SIGKILL')
      throw new OutsideError('service/did-not-start', { service: plan.name })
    }
    urls.set(plan.name, url)
    child.once('exit', () => void again(plan, restarts + 1))
  }

  async function again(plan: ProcessPlan, restarts: number): Promise<void> {
    if (isStopping) return
    await pause(500 * restarts, undefined, { ref: false })
    if (isStopping) return
    try {
      if (restarts > mostRestarts) throw new OutsideError('service/did-not-start')
      await run(plan, restarts)
      onNotice({ name: plan.name, kind: 'restarted' })
    } catch {
      if (!isStopping) onNotice({ name: plan.name, kind: 'failed' })
    }
  }

  async function stop(): Promise<void> {
    isStopping = true
    await Promise.all([...running.values()].map(ended))
  }

  const started = await Promise.allSettled(plans.map((plan) => run(plan, 0)))
  const failed = started.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') {
    await stop()
    throw failed.reason
  }
  return { urls, stop }
}

/** The address that a service prints when it answers; undefined if it ended before. */
async function readyAt(child: ChildProcess): Promise<string | undefined> {
  let printed = ''
  const ready = new Promise<string | undefined>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (printed.length > 65_536) return
      printed += text
      const url = printed.split('\n').map(urlIn).find(Boolean)
      if (url !== undefined) resolve(url)
    })
  })
  return Promise.race([
    ready,
    once(child, 'exit').then(() => undefined),
    once(child, 'error').then(() => undefined),
  ])
}

function urlIn(line: string): string | undefined {
  try {
    const { url } = JSON.parse(line)
    return typeof url === 'string' ? url : undefined
  } catch {
    return undefined
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await gone
  clearTimeout(timer)
}
