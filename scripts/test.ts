/**
 * `npm test`: every check in order, then one line that counts them. `--campaigns` adds the short forms of the
 * long ones (crash, mutate, the story), as CI runs them.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Step = { name: string; command: readonly string[]; report?: string }
type Count = { passed: number; failed: number; skipped: number }

const scratch = mkdtempSync(join(tmpdir(), 'weir-test-'))
const report = join(scratch, 'vitest.json')

const steps: readonly Step[] = [
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'contract fuzz and invariants (Solidity)', command: ['hardhat', 'test', 'solidity'] },
  {
    name: 'unit, contract, flow and store tests',
    command: ['vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`],
    report,
  },
]

const home = join(scratch, 'home')
const story = ['node', 'scripts/demo.ts', '--once', '--records', '100', '--home', home]

const campaigns: readonly Step[] = [
  { name: 'the story', command: story },
  { name: 'the story again, from what was kept', command: story },
  {
    name: 'crash, 100 kills',
    command: ['node', 'scripts/crash.ts', '--kills', '100', '--seed', '1'],
  },
  {
    name: 'mutate, 20,000, and 2,000 valid ones',
    command: ['node', 'scripts/mutate.ts', '--count', '20000', '--valid', '2000', '--seed', '1'],
  },
]

/** Characters of a failed step's output that are shown again at the end. */
const shownAgain = 4000

/** Runs a step, passes on what it prints, and keeps the end of that. */
function run(command: readonly string[]): Promise<{ exit: number; end: string }> {
  return new Promise((resolve) => {
    let end = ''
    const child = spawn(command[0] as string, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      from.setEncoding('utf8').on('data', (text: string) => {
        to.write(text)
        end = (end + text).slice(-shownAgain)
      })
    }
    child.on('error', () => resolve({ exit: 127, end }))
    child.on('close', (code) => resolve({ exit: code ?? 1, end }))
  })
}

function counted(step: Step, exit: number): Count {
  const alone = { passed: exit === 0 ? 1 : 0, failed: exit === 0 ? 0 : 1, skipped: 0 }
  if (!step.report) return alone
  try {
    const json = JSON.parse(readFileSync(step.report, 'utf8'))
    const failed = json.numFailedTests + (exit !== 0 && json.numFailedTests === 0 ? 1 : 0)
    return { passed: json.numPassedTests, failed, skipped: json.numPendingTests }
  } catch {
    return alone
  }
}

const all = process.argv.includes('--campaigns') ? [...steps, ...campaigns] : steps
const total: Count = { passed: 0, failed: 0, skipped: 0 }
const lines: string[] = []
const ends: string[] = []
for (const step of all) {
  const started = Date.now()
  console.log(`\n== ${step.name}: ${step.command.join(' ')}`)
  const { exit, end } = await run(step.command)
  if (exit !== 0) ends.push(`-- ${step.name} ended with:\n${end}`)
  const count = counted(step, exit)
  total.passed += count.passed
  total.failed += count.failed
  total.skipped += count.skipped
  const seconds = ((Date.now() - started) / 1000).toFixed(0)
  const skipped = count.skipped ? `, ${count.skipped} skipped` : ''
  lines.push(
    `${exit === 0 ? 'ok  ' : 'FAIL'} ${step.name}: ${count.passed} passed, ${count.failed} failed${skipped} (${seconds} s)`,
  )
}
rmSync(scratch, { recursive: true, force: true })
if (ends.length > 0) console.log(`\n${ends.join('\n')}`)
console.log(`\n${lines.join('\n')}\n`)
const skipped = total.skipped ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed === 0 ? 0 : 1
