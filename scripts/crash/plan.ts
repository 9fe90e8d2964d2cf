import { type StepName, steps } from '../../src/issuer/steps.ts'
import type { Random } from '../samples/random.ts'
import type { Ledger } from './ledger.ts'
import type { Turn, Work } from './work.ts'

/** Where a victim dies: at a step, or some milliseconds after it got its work. */
export type Target =
  | { readonly step: StepName; readonly passing: number }
  | { readonly afterMs: number }

/**
 * Where the n-th kill (from 0) strikes: each named step in turn, then each again at a later passing, and
 * from then on half of them at any moment.
 *
 * @param spanMs how long a victim works that nobody kills.
 */
export function targetOf(kill: number, own: Random, spanMs: number): Target {
  const step = steps[kill % steps.length]!
  if (kill < steps.length) return { step, passing: 1 }
  // A second passing of these is rare or needs a second key.
  const isRare = step === 'anchor/included' || step.startsWith('anew/')
  if (kill < 2 * steps.length) return { step, passing: isRare ? 1 : 2 }
  if (own.below(2) === 0) return { afterMs: own.below(Math.ceil(1.1 * spanMs)) }
  const any = own.pick(steps.filter((one) => !one.startsWith('anew/')))
  return { step: any, passing: any === 'anchor/included' ? 1 : 1 + own.below(3) }
}

const turns: readonly (readonly Turn[])[] = [['revoked'], ['suspended'], ['suspended', 'valid']]

/** What a victim is to do: new certificates, repeated ones, changes, successions, small batches. */
export function workFor(
  target: Target,
  own: Random,
  ledger: Ledger,
): Omit<Work, 'home' | 'holderKeys'> {
  const issued = ledger.issued()
  const fresh = Array.from({ length: 4 + own.below(9) }, (_, at) => issued + 1 + at)
  const repeated = Array.from({ length: Math.min(3, issued) }, () => 1 + own.below(issued))
  const issue = [...fresh, ...repeated, fresh[own.below(fresh.length)]!]
  const needs = (room: string) =>
    'step' in target && target.step.startsWith(room) ? target.passing : 0
  const free = ledger.free()
  const take = (count: number) =>
    Array.from({ length: Math.min(count, free.length) }, () =>
      free.splice(own.below(free.length), 1),
    ).flat()
  const wishes = take(Math.max(needs('status/'), own.below(3)))
  const successions = take(Math.max(needs('supersede/'), own.below(2)))
  return {
    ...('step' in target && { death: target }),
    issue,
    chunk: 1 + own.below(4),
    wishes: wishes.map((number) => ({ number, to: own.pick(turns) })),
    successions: [...ledger.unanswered(), ...successions],
    maxBatch: 3 + own.below(12),
  }
}
