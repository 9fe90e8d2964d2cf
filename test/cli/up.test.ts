import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWeir, weirJson } from '../support/weir.ts'

const slow = 120_000
const folder = mkdtempSync(join(tmpdir(), 'weir-up-'))
const env = { WEIR_HOME: join(folder, 'home') }
const members = [
  'citizen-services',
  'city-accreditor',
  'health-commission',
  'market-regulator',
  'registration-centre',
]

type Up = {
  readonly process: ChildProcess
  readonly services: Readonly<Record<string, string>>
}

const running = new Set<ChildProcess>()

async function startUp(): Promise<Up> {
  const up = startWeir(['up', '--json'], env)
  running.add(up)
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
  return { process: up, services: JSON.parse(printed).services }
}

/** Processes whose parent is this one, and their command lines. */
function childrenOf(parent: number): Map<number, string> {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args=']).toString()
  const rows = [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)]
  const own = rows.filter(([, , of]) => Number(of) === parent)
  return new Map(own.map(([, pid, , args]) => [Number(pid), args!]))
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const health = async (url: string) => (await fetch(new URL('healthz', url))).status

let up: Up

beforeAll(async () => {
  up = await startUp()
}, slow)

afterAll(() => {
  for (const one of running) if (one.exitCode === null) one.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test(
  'every member and the registry node answer, each at an address of its own',
  async () => {
    expect(Object.keys(up.services).sort()).toEqual([...members, 'registry'].sort())
    const urls = Object.values(up.services)
    expect(new Set(urls).size).toBe(6)
    expect(await Promise.all(urls.map(health))).toEqual(urls.map(() => 200))
  },
  slow,
)

test(
  'a second one in the same home is refused, and the first goes on',
  async () => {
    const { code, answer } = await weirJson(['up'], { env })
    expect([code === 0, answer.error.code]).toEqual([false, 'chain/locked'])
    expect(await health(up.services['registration-centre']!)).toBe(200)
  },
  slow,
)

test(
  'J11: a service that dies comes back at the same address with what it had',
  async () => {
    const name = 'registration-centre'
    const children = childrenOf(up.process.pid!)
    const [pid] = [...children].find(([, args]) => args.includes(`serve ${name}`))!
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false)
    const asked = () => health(up.services[name]!).catch(() => 'away')
    await expect.poll(asked, { timeout: 60_000 }).toBe(200)
    const again = [...childrenOf(up.process.pid!).values()]
    expect(again.filter((args) => args.includes(`serve ${name}`))).toHaveLength(1)
  },
  slow,
)

test(
  'when it is killed, no service is left behind, and it starts again at the same addresses',
  async () => {
    const children = [...childrenOf(up.process.pid!).keys()]
    expect(children.length).toBeGreaterThanOrEqual(6)
    const before = up.services
    up.process.kill('SIGKILL')
    await once(up.process, 'exit')
    await expect.poll(() => children.filter(isThere), { timeout: 60_000 }).toEqual([])
    up = await startUp()
    expect(up.services).toEqual(before)
  },
  slow,
)

test(
  'Ctrl-C ends it with exit code 0, and nothing runs on',
  async () => {
    const children = [...childrenOf(up.process.pid!).keys()]
    up.process.kill('SIGINT')
    const [code] = await once(up.process, 'exit')
    expect(code).toBe(0)
    expect(children.filter(isThere)).toEqual([])
    for (const name of members) {
      const log = join(env.WEIR_HOME, `logs/${name}.log`)
      expect(existsSync(log)).toBe(true)
      expect(readFileSync(log, 'utf8')).not.toContain('internal/unexpected')
    }
  },
  slow,
)
