import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { chainKinds, startChain } from '../test/support/chain.ts'
import type { Counts, Failure, Report, Task } from './mutate/campaign.ts'
import { makeWorld } from './mutate/chainWorld.ts'
import type { World } from './mutate/model.ts'
import { readWorld } from './mutate/readFacts.ts'
import { optionsOf } from './options.ts'
import { random } from './samples/random.ts'

// `npm run mutate -- --count N --seed S`: makes certificates, presentations, inclusion proofs and saved
// evidence that say something else than what was issued, and judges them: none may be valid. `--valid N`:
// random good ones, none may be refused. The last line is JSON; the exit code is 1 if one was judged wrongly.
//
// The world is made once a run: real contracts on a real local chain, real signatures, real proofs. Keys and
// choices come again with the same seed; salts, signatures and with them hashes do not.
//
// "Says something else" leaves out, by construction, what a holder may do or what is the same certificate:
// showing fewer disclosures or in another order where no key binding covers them; the other spelling
// (r, n - s) of a signature, whose fingerprint is the same; the very signing input signed again with another
// key of the department that counted when it was anchored; spaces, order of members, case of hex digits
// in files that nobody signs.

const values = optionsOf({
  /** Mutants. */
  count: { type: 'string', default: '20000' },
  /** Random valid ones. */
  valid: { type: 'string', default: '2000' },
  seed: { type: 'string', default: '1' },
  /** The first number: with `--count 1`, one mutant again. */
  from: { type: 'string', default: '0' },
  /** Only kinds whose name begins so, such as `evidence/`. */
  only: { type: 'string', default: '' },
  threads: { type: 'string', default: String(Math.min(8, availableParallelism())) },
})
const { seed, only } = values
const whole = (text: string) => {
  if (!/^\d{1,9}$/.test(text)) {
    console.error('--count, --valid, --from and --threads take whole numbers')
    process.exit(64)
  }
  return Number(text)
}
const [count, valid, from, threads] = [values.count, values.valid, values.from, values.threads].map(
  whole,
) as [number, number, number, number]

const begun = Date.now()
const world = await setUp()
console.log(
  `set up in ${seconds(begun)} s: ${world.copies.length} certificates on a real chain, ${world.filed.length} evidence files`,
)
const mutants = await campaign('mutants', count, from)
const sound = await campaign('valid', valid, 0)
const failures = [...mutants.failures, ...sound.failures]
for (const { mode, number, kind, told, outcome, code } of failures.slice(0, 50)) {
  const again =
    mode === 'valid' ? `--count 0 --valid ${number + 1}` : `--from ${number} --count 1 --valid 0`
  console.error(
    `${mode === 'valid' ? 'refused' : outcome === 'crashed' ? 'crashed' : 'accepted'}: ${kind}: ${told}: ${outcome} ${code} (--seed ${seed} ${again})`,
  )
}
console.log(
  JSON.stringify({
    seed,
    mutants: {
      count,
      accepted: mutants.failures.length,
      perSecond: mutants.perSecond,
      kinds: mutants.counts,
    },
    valid: {
      count: valid,
      refused: sound.failures.length,
      perSecond: sound.perSecond,
      kinds: sound.counts,
    },
    seconds: seconds(begun),
  }),
)
process.exitCode = failures.length > 0 ? 1 : 0

async function setUp(): Promise<World> {
  const chain = await startChain(chainKinds[0]!)
  try {
    const made = await makeWorld(chain, seed, random(`${seed}/world`))
    return await readWorld(chain, made, 24, random(`${seed}/files`))
  } finally {
    await chain.close()
  }
}

async function campaign(mode: Task['mode'], total: number, first: number) {
  const chunk = 500
  const started = Date.now()
  const counts: Counts = {}
  const failures: Failure[] = []
  let next = first
  let done = 0
  let told = Date.now()
  const take = (): Task | 'stop' => {
    const left = first + total - next
    if (left <= 0) return 'stop'
    const task = { mode, from: next, count: Math.min(chunk, left) }
    next += task.count
    return task
  }
  const note = ({ task, counts: more, failures: found }: Report) => {
    done += task.count
    failures.push(...found)
    for (const [kind, ends] of Object.entries(more)) {
      const own = counts[kind] ?? {}
      counts[kind] = own
      for (const [end, times] of Object.entries(ends)) own[end] = (own[end] ?? 0) + times
    }
    if (Date.now() - told < 5000 && done < total) return
    told = Date.now()
    const rate = Math.round(done / ((told - started) / 1000))
    console.log(`${done} of ${total} ${mode}, ${failures.length} judged wrongly, ${rate}/s`)
  }
  await Promise.all(
    Array.from({ length: Math.min(threads, Math.ceil(total / chunk)) }, () => {
      const worker = new Worker(new URL('./mutate/thread.ts', import.meta.url), {
        workerData: { world, seed, only },
      })
      return new Promise<void>((resolve, reject) => {
        worker.on('error', reject)
        worker.on('exit', () => resolve())
        worker.on('message', (report: Report) => {
          note(report)
          worker.postMessage(take())
        })
        worker.postMessage(take())
      })
    }),
  )
  if (done !== total) throw new Error(`only ${done} of ${total} ${mode} were judged`)
  const perSecond = Math.round(total / Math.max(0.001, (Date.now() - started) / 1000))
  failures.sort((a, b) => a.number - b.number)
  return { counts, failures, perSecond }
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 100) / 10
}
