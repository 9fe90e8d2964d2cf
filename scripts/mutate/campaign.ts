import { judge } from './judge.ts'
import { mutantOf } from './kinds.ts'
import type { World } from './model.ts'
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
    const result = await judgeOne(world, seed, only, task.mode, number)
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
  if (mode === 'mutants') {
    const { kind, mutant } = mutantOf(world, seed, number, only)
    const { outcome, code } = await judge(mutant)
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
