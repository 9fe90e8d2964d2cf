import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Verdict } from './mutants/judge.ts'
import { type Mutant, mutants, told } from './mutants/make.ts'
import { contractSources } from './solc.ts'

// Breaks our contracts in one small way at a time; the contract tests must notice every one.
// `npm run mutants` judges all; `-- --file Status --list` shows what would be judged.

/** Mutants that no call can tell from the original, as told without the line, and why. */
const equivalent: Record<string, string> = {}

const { values } = parseArgs({
  options: {
    /** Only sources whose path holds this. */
    file: { type: 'string', default: '' },
    /** Shows the mutants and judges none. */
    list: { type: 'boolean', default: false },
    /** Every n-th mutant only. */
    every: { type: 'string', default: '1' },
    /** Processes at a time. */
    judges: { type: 'string', default: '2' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'weir-mutants-'))
const begun = Date.now()
const all = mutants(contractSources())
  .filter((one) => one.path.includes(values.file))
  .filter((_, i) => i % Number(values.every) === 0)
const waiting = [...all].reverse()
const verdicts: Verdict[] = []

/** Runs one process until it has had enough or nothing waits. */
function oneJudge(number: number): Promise<void> {
  const child = fork(join(import.meta.dirname, 'mutants/judge.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, WEIR_CONTRACTS: join(folder, `${number}.json`) },
  })
  let given: Mutant | undefined
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (given) waiting.push(given)
      if (code === 0) resolve()
      else reject(new Error(`a judge ended with ${code}`))
    })
    child.on('message', (message: 'ready' | Verdict) => {
      if (message !== 'ready') {
        verdicts.push(message)
        if (message.outcome === 'survived') console.log(`survived: ${told(message.mutant)}`)
        if (verdicts.length % 50 === 0) console.log(`${verdicts.length} of ${all.length}`)
      }
      given = waiting.pop()
      if (!child.connected) return
      if (given) child.send(given)
      else child.disconnect()
    })
  })
}

if (values.list) for (const one of all) console.log(told(one))
else {
  const judges = Array.from({ length: Number(values.judges) }, async (_, number) => {
    while (waiting.length > 0) await oneJudge(number)
  })
  await Promise.all(judges)
  rmSync(folder, { recursive: true })

  const count = (start: string) => verdicts.filter((one) => one.outcome.startsWith(start)).length
  const survived = verdicts.filter((one) => one.outcome === 'survived')
  const unnoticed = survived.filter(
    ({ mutant }) => !(told(mutant).replace(/:\d+:/, ':') in equivalent),
  )
  console.log(
    `${all.length} mutants: ${count('refused')} refused by solc, ${count('killed')} killed, ` +
      `${survived.length - unnoticed.length} equivalent, ${unnoticed.length} survived, ` +
      `in ${Math.round((Date.now() - begun) / 1000)} s`,
  )
  process.exitCode = unnoticed.length > 0 || verdicts.length !== all.length ? 1 : 0
}
