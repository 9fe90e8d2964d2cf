import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Verdict } from './mutants/judge.ts'
import { mutants, told } from './mutants/make.ts'
import { optionsOf } from './options.ts'
import { contractSources } from './solc.ts'

// Breaks our contracts in one small way at a time; the contract tests must notice every one.
// `npm run mutants` judges all, `-- --file Status --list` shows what would be judged. It takes about
// 0.6 s of one core a mutant.

/** Mutants that no call can tell from the original: the line, what becomes of it, and why. */
const equivalent: readonly { text: string; before: string; after: string; why: string }[] = [
  {
    text: 'if (changes.length != 0) _statuses.change(issuer, changes, leaves);',
    before: 'changes.length != 0',
    after: 'true',
    why: 'changing nothing changes nothing; the condition saves 3,000 gas',
  },
  {
    text: 'uint64 high = 1;',
    before: '1',
    after: '2',
    why: 'the search may start anywhere above 0 and finds the same word',
  },
  {
    text: 'high <<= 1;',
    before: '1',
    after: '2',
    why: 'the search may take wider steps and finds the same word',
  },
  {
    text: 'if (record.from == now_ && record.rights & ISSUE != 0 && record.until > it.accreditedUntil) {',
    before: '>',
    after: '>=',
    why: 'writes the same time again',
  },
  {
    text: 'return it.removedAt == 0 ? it.account : address(0);',
    before: '0',
    after: '1',
    why: 'address 1 is a precompile and sends as little as address 0',
  },
]

const values = optionsOf({
  /** Only sources whose path holds this. */
  file: { type: 'string', default: '' },
  /** Shows the mutants and judges none. */
  list: { type: 'boolean', default: false },
  /** Every n-th mutant only. */
  every: { type: 'string', default: '1' },
  /** Processes at a time. */
  judges: { type: 'string', default: '2' },
})

const folder = mkdtempSync(join(tmpdir(), 'weir-mutants-'))
const begun = Date.now()
const all = mutants(contractSources())
  .filter((one) => one.path.includes(values.file))
  .filter((_, i) => i % Number(values.every) === 0)
const waiting = [...all].reverse()
const verdicts: Verdict[] = []

/** Runs one process for up to 100 mutants: copies of modules are never given back, a process is. */
function oneJudge(number: number): Promise<void> {
  const child = fork(join(import.meta.dirname, 'mutants/judge.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, WEIR_CONTRACTS: join(folder, `${number}.json`) },
  })
  let left = 100
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a judge: ${code}`))))
    child.on('message', (message: 'ready' | Verdict) => {
      if (message !== 'ready') {
        verdicts.push(message)
        if (message.outcome === 'survived') console.log(`survived: ${told(message.mutant)}`)
        if (verdicts.length % 50 === 0) console.log(`${verdicts.length} of ${all.length}`)
      }
      const next = left-- > 0 ? waiting.pop() : undefined
      if (next) child.send(next)
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
    ({ mutant }) =>
      !equivalent.some(
        ({ text, before, after }) =>
          mutant.text === text && mutant.before === before && mutant.after === after,
      ),
  )
  console.log(
    `${all.length} mutants: ${count('refused')} refused by solc, ${count('killed')} killed, ` +
      `${survived.length - unnoticed.length} equivalent, ${unnoticed.length} survived, ` +
      `in ${Math.round((Date.now() - begun) / 1000)} s`,
  )
  process.exitCode = unnoticed.length > 0 || verdicts.length !== all.length ? 1 : 0
}
