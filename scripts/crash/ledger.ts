import type { StepName } from '../../src/issuer/steps.ts'
import { type Acknowledged, nameOf } from './judge.ts'
import {
  firstSuccessor,
  keyOf,
  type Said,
  successorOf,
  type Turn,
  type Wish,
  type Work,
} from './work.ts'

/** What was asked of all victims so far, and what they acknowledged. It is the harness's own memory. */
export type Ledger = {
  readonly acknowledged: Map<string, Acknowledged>
  /** Highest number that was asked for, successors aside. */
  issued(): number
  /** Acknowledged numbers that nobody asked to change or supersede. */
  free(): number[]
  /** Numbers that were to be superseded and whose successor nobody answered: their clients come again. */
  unanswered(): number[]
  /** Numbers that were asked for, successors included. */
  readonly wanted: Set<number>
  readonly wishes: Wish[]
  readonly successions: Set<number>
  /** Last change of each number that was acknowledged. */
  readonly turns: Map<number, Turn>
  /** Keys that were declared compromised, see `marksOf`. */
  readonly ended: Set<string>
  /** Copies that two answers described differently. */
  readonly contradicted: Set<string>
}

export function openLedger(): Ledger {
  const acknowledged = new Map<string, Acknowledged>()
  const wanted = new Set<number>()
  const wishes: Wish[] = []
  const successions = new Set<number>()
  return {
    acknowledged,
    issued: () => Math.max(0, ...[...wanted].filter((number) => number < firstSuccessor)),
    free() {
      const touched = new Set([...successions, ...wishes.map(({ number }) => number)])
      const known = new Set([...acknowledged.values()].map(({ key }) => key))
      return [...wanted].filter(
        (number) => number < firstSuccessor && !touched.has(number) && known.has(keyOf(number)),
      )
    },
    unanswered() {
      const known = new Set([...acknowledged.values()].map(({ key }) => key))
      return [...successions].filter((number) => !known.has(keyOf(successorOf(number))))
    },
    wanted,
    wishes,
    successions,
    turns: new Map(),
    ended: new Set(),
    contradicted: new Set(),
  }
}

/** Notes what a victim is asked to do, before it may do it. */
export function ask(ledger: Ledger, work: Pick<Work, 'issue' | 'wishes' | 'successions'>): void {
  for (const number of work.issue) ledger.wanted.add(number)
  for (const number of work.successions) {
    ledger.successions.add(number)
    ledger.wanted.add(successorOf(number))
  }
  ledger.wishes.push(...work.wishes)
}

/** Takes down what one victim says. */
export type Listener = {
  hear(said: Said): void
  /** Step at which it said that it dies. */
  dyingAt(): StepName | undefined
  /** Codes of failures it spoke of. */
  failures(): readonly string[]
}

export function listen(ledger: Ledger): Listener {
  let step: StepName | undefined
  const failures: string[] = []
  return {
    hear(said) {
      if (said.said === 'dying') step = said.step
      if (said.said === 'failed') failures.push(said.code)
      if (said.said === 'changed') ledger.turns.set(said.number, said.to)
      if (said.said !== 'issued') return
      for (const copy of said.copies) remember(ledger, { ...copy, key: said.key })
    },
    dyingAt: () => step,
    failures: () => failures,
  }
}

function remember({ acknowledged, contradicted, ended }: Ledger, one: Acknowledged): void {
  const name = nameOf(one)
  const before = acknowledged.get(name)
  if (before === undefined) {
    acknowledged.set(name, one)
  } else if (before.token !== one.token) {
    // Only a compromised key's copies may be answered anew, with the same status entry.
    const isRenewed = ended.has(before.signedWith) && before.index === one.index
    if (isRenewed) acknowledged.set(name, one)
    else contradicted.add(name)
  }
}

/** Whether anything under the idempotency key of a number was acknowledged. */
export function isAcknowledged({ acknowledged }: Ledger, number: number): boolean {
  return [...acknowledged.values()].some(({ key }) => key === keyOf(number))
}

/** Whether anyone asked for a certificate under this idempotency key. */
export function wantedKeys({ wanted }: Ledger): (key: string) => boolean {
  const keys = new Set([...wanted].map(keyOf))
  return (key) => keys.has(key)
}
