import { InputError, OutsideError } from '../errors.ts'
import { anchorStep } from './anchor.ts'
import { signAnew } from './anew.ts'
import type { AnchorOptions, AnchorStep, Issuer } from './model.ts'

/** How long and how patiently to anchor. */
export type DrainOptions = AnchorOptions & {
  /** Milliseconds between two looks at a chain that has not moved; default 250. */
  readonly pollMs?: number
  /** Milliseconds without any progress after which the last error, or `anchor/stalled`, is thrown; default 10 minutes. */
  readonly patienceMs?: number
  readonly signal?: AbortSignal
  /** Told after each step. */
  readonly progress?: (step: AnchorStep) => void
  /** How to wait; default a timer. */
  readonly pause?: (milliseconds: number) => Promise<void>
}

/**
 * Anchors until nothing waits and everything sent is final; signs anew what a retired key left behind.
 *
 * @returns how many batches became final.
 * @throws {TrustError} as `anchorStep`.
 * @throws {OutsideError} `anchor/stalled` or the chain's own error when patience ends; all is kept. At once
 * `store/io`, `store/corrupt`: the store writes nothing more until it is opened anew.
 */
export async function drain(issuer: Issuer, options: DrainOptions = {}): Promise<number> {
  const { pollMs = 250, patienceMs = 600_000, signal, progress } = options
  const pause = options.pause ?? timer
  let batches = 0
  let idle = 0
  let drops = 0
  for (;;) {
    if (signal?.aborted) return batches
    const step = await tryStep(issuer, options)
    if (step instanceof Error) {
      if (idle >= patienceMs) throw step
    } else {
      progress?.(step)
      if (step.did === 'nothing') return batches
      if (step.did === 'final') batches += 1
      if (step.did === 'stale' && (await trySigning(issuer)) === 0) return batches
      drops = step.did === 'dropped' ? drops + 1 : step.did === 'final' ? 0 : drops
      if (step.did !== 'waiting' && drops < 3) {
        idle = 0
        continue
      }
      if (idle >= patienceMs)
        throw new OutsideError('anchor/stalled', { issuer: issuer.department.address })
    }
    idle += pollMs
    await pause(pollMs)
  }
}

/** What no waiting mends. */
const endsStore: ReadonlySet<string> = new Set(['store/io', 'store/corrupt'])

/** A step, or why the chain or another worker did not let it happen now. */
async function tryStep(
  issuer: Issuer,
  options: AnchorOptions,
): Promise<AnchorStep | OutsideError | InputError> {
  try {
    return await anchorStep(issuer, options)
  } catch (error) {
    if (error instanceof OutsideError && !endsStore.has(error.code)) return error
    if (isOvertaken(error)) return error
    throw error
  }
}

/** How many copies were signed anew; undefined where another worker was at it. */
async function trySigning(issuer: Issuer): Promise<number | undefined> {
  try {
    return await signAnew(issuer)
  } catch (error) {
    if (isOvertaken(error)) return undefined
    throw error
  }
}

/** What a worker is told whose batch or plan another one stored, moved or dropped first: look again. */
const overtaken: ReadonlySet<string> = new Set([
  'store/duplicate',
  'store/wrong-state',
  'store/not-found',
])

function isOvertaken(error: unknown): error is InputError {
  return error instanceof InputError && overtaken.has(error.code)
}

function timer(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
