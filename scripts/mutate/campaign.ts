import { judge } from './judge.ts'
import { mutantOf } from './kinds.ts'
import { saysTheSame } from './meaning.ts'
import type { Mutant, World } from './model.ts'
import { validOf } from './valid.ts'

/** What a thread is asked for: mutants or valid ones, by number. */
export type Task = {
  readonly mode: 'mutants' | 'valid'
  readonly from: number
  readonly count: number
}

/** A false accept or a false reject; what was done, never a token. */
export type Failure = {
  readonly mode: Task['mode']
  readonly number: number
  readonly kind: string
  readonly told: string
  readonly outcome: string
  readonly code: string
}

/** How often each kind ended in each way. */
export type Counts = Record<string, Record<string, number>>

export type Report = {
  readonly task: Task
  readonly counts: Counts
  readonly failures: readonly Failure[]
}

/** Judges a stretch of numbers. */
export async function judged(
  world: World,
  seed: string,
  only: string,
  task: Task,
): Promise<Report> {
  const counts: Counts = {}
  const failures: Failure[] = []
  for (let number = task.from; number < task.from + task.count; number += 1) {
    const result = await judgeOne(world, seed, only, task.mode, number).catch(crash)
    const { kind, outcome, code } = result
    const ends = counts[kind] ?? {}
    counts[kind] = ends
    const end = code === 'none' ? outcome : `${outcome} ${code}`
    ends[end] = (ends[end] ?? 0) + 1
    const isRight =
      task.mode === 'valid' ? outcome === 'valid' : !['valid', 'crashed'].includes(outcome)
    if (!isRight) failures.push({ mode: task.mode, number, ...result })
  }
  return { task, counts, failures }
}

async function judgeOne(
  world: World,
  seed: string,
  only: string,
  mode: Task['mode'],
  number: number,
) {
  for (let attempt = 0; mode === 'mutants'; attempt += 1) {
    const { kind, mutant } = mutantOf(world, seed, number, only, attempt)
    const { outcome, code } = await judge(mutant)
    if (outcome === 'valid' && isUnchanged(mutant)) continue
    return { kind, told: mutant.told, outcome, code }
  }
  const { kind, sound, fingerprints } = validOf(world, seed, number)
  const { outcome, code, verdict } = await judge(sound)
  const named = verdict?.credentials.map(({ fingerprint }) => fingerprint).join()
  // Another spelling of the signature must leave the fingerprint as it is (A8).
  const isSame = fingerprints === undefined || named === fingerprints.join()
  return outcome === 'valid' && !isSame
    ? { kind, told: sound.told, outcome: 'other-fingerprint', code }
    : { kind, told: sound.told, outcome, code }
}

function isUnchanged(mutant: Mutant): boolean {
  if (mutant.original === undefined || 'refusal' in mutant) return false
  return saysTheSame(mutant.original, 'evidence' in mutant ? mutant.evidence : mutant.input)
}

/** An exception while something was made: a fault of this campaign, reported with its number. */
function crash(error: Error) {
  return {
    kind: 'making',
    told: String(error.stack?.split('\n')[1]).trim(),
    outcome: 'crashed',
    code: error.name,
  }
}
