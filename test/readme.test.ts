import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const page = readFileSync('README.md', 'utf8')
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((found) => found[1]!)
const [start, tests, everyTerminal, longRunning, ...tour] = blocks as [string, string, ...string[]]
const folder = mkdtempSync(join(tmpdir(), 'weir-readme-'))

/** The environment of somebody who has just cloned: no home named, no language, no colours. */
const { PATH, HOME, TMPDIR } = process.env
const env = { PATH, HOME, TMPDIR, LANG: 'C', NO_COLOR: '1' }

/** What was left running in terminals of its own. */
const terminals: ChildProcess[] = []

/** Starts a block in a shell of its own, as another terminal, in a process group that can be ended. */
function startBlock(block: string): ChildProcess {
  const script = `set -euo pipefail\n${everyTerminal}${block}`
  return spawn('bash', ['-c', script], { cwd: folder, env, detached: true })
}

async function runBlock(block: string): Promise<{ code: number; said: string }> {
  const child = startBlock(block)
  let said = ''
  child.stdout?.on('data', (chunk) => (said += chunk))
  child.stderr?.on('data', (chunk) => (said += chunk))
  const [code] = await once(child, 'close')
  return { code, said }
}

/** Runs a block that is left running, until it has said some words. */
async function leaveRunning(block: string, words: string): Promise<void> {
  const child = startBlock(block)
  terminals.push(child)
  let said = ''
  await new Promise<void>((ready, reject) => {
    child.stderr?.on('data', (chunk) => {
      said += chunk
      if (said.includes(words)) ready()
    })
    child.once('exit', () => reject(new Error(said)))
  })
}

/** Ctrl-C in every such terminal, the newest first. @returns their exit codes. */
async function stop(): Promise<(number | null)[]> {
  const codes: (number | null)[] = []
  for (const child of terminals.splice(0).reverse()) {
    if (child.exitCode === null && child.pid !== undefined) {
      const ended = once(child, 'exit')
      process.kill(-child.pid, 'SIGINT')
      await ended
    }
    codes.push(child.exitCode)
  }
  return codes
}

afterAll(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

test('the first two commands are those that package.json and CI run', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(start).toBe("npx -y -p node@24 -c 'npm ci && npm start'\n")
  expect(tests).toBe("npx -y -p node@24 -c 'npm ci && npm test'\n")
  for (const name of ['start', 'test']) {
    const [node, file] = scripts[name].split(' ').filter((word: string) => !word.startsWith('--'))
    expect([node, existsSync(file)]).toEqual(['node', true])
  }
  const lastLine = readFileSync('.ci/run', 'utf8').trim().split('\n').at(-1)
  expect(lastLine?.replace(' -- --campaigns', '')).toBe(tests.trim())
})

test('every file and folder that it links to is there', () => {
  const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map((found) => found[1]!)
  const local = links.filter((link) => !link.startsWith('https://'))
  expect(local.length).toBeGreaterThan(5)
  expect(local.filter((link) => !existsSync(link))).toEqual([])
})

test('the tour runs as it is written, block after block', async () => {
  for (const name of ['src', 'scripts', 'node_modules']) {
    symlinkSync(resolve(name), join(folder, name))
  }
  expect(longRunning).toBe('weir up --no-services\n')
  await leaveRunning(longRunning!, 'Ctrl-C')
  expect(tour.length).toBeGreaterThan(4)
  const failed: string[] = []
  let all = ''
  for (const block of tour) {
    if (block.startsWith('weir serve')) {
      await leaveRunning(block, 'http://127.0.0.1:4001')
      continue
    }
    const ran = await runBlock(block)
    all += ran.said
    if (ran.code !== 0) failed.push(`${block}exit code ${ran.code}\n${ran.said}`)
  }
  expect(failed).toEqual([])
  for (const word of ['received with its proof', 'disclosed name', '✔ valid', 'holder/bound']) {
    expect(all).toContain(word)
  }
  for (const word of [
    'Keep this hash',
    '✘ suspended',
    'exit code 1',
    '✔ 有效',
    'Everything fits',
  ]) {
    expect(all).toContain(word)
  }
  for (const word of ['"outcome":"valid"', '样本市样本路42号']) expect(all).toContain(word)
  expect(all).not.toContain('SAMPLE-0004242')
  expect(await stop()).toEqual([0, 0])
}, 600_000)
