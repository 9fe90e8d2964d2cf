import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Runs the contract tests against instrumented contracts; the exit code is 1 unless every line of
// ours ran. `npm run mutants` shows beside it that every `if` and every revert matters both ways.

const folder = mkdtempSync(join(tmpdir(), 'weir-coverage-'))
process.env.HARDHAT_COVERAGE = 'true'
process.env.WEIR_CONTRACTS = join(folder, 'contracts.json')

// Hardhat reads the two when it is loaded.
const { markTestRunDone, markTestRunStart, markTestWorkerDone } = await import(
  'hardhat/internal/coverage'
)
const { buildContracts } = await import('./contracts.ts')
const { everyTest, runTests } = await import('./mutants/load.ts')

writeFileSync(process.env.WEIR_CONTRACTS, await buildContracts())
await markTestRunStart('contracts')
const failed = await runTests(everyTest)
if (failed) throw new Error(`${failed.name}: ${failed.failure}`)
await markTestWorkerDone('contracts')
await markTestRunDone('contracts')
rmSync(folder, { recursive: true })

const report = await readFile(join(import.meta.dirname, '../coverage/lcov.info'), 'utf8')
let source = ''
const missed: string[] = []
for (const line of report.split('\n')) {
  if (line.startsWith('SF:')) source = line.slice(3)
  if (/^DA:\d+,0$/.test(line)) missed.push(`${source}:${line.slice(3, -2)}`)
}
for (const one of missed) console.log(`never ran: ${one}`)
process.exit(missed.length > 0 ? 1 : 0)
