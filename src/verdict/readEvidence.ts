import type { ParsedPresentation } from '../presentation/model.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import type { Evidence, ReadEvidence } from './model.ts'

/** What reading found out on its way and judging need not repeat. */
export type Remembered = {
  readonly presentation: ParsedPresentation | undefined
  /** Whether each signature holds under its credential's key; undefined: not checked, no key. */
  readonly signatures: readonly (boolean | undefined)[]
}

/** Evidence of this process. Membership cannot be copied, serialised or claimed. */
const made = new WeakMap<Evidence, Remembered>()

/**
 * Makes evidence of what this process has just read from its own view of the chain. Whoever calls it
 * vouches for the facts: `gather`, or a test.
 *
 * @param remembered what was parsed and checked on the way, of this very input.
 */
export function readEvidence(
  evidence: Omit<ReadEvidence, 'kind'>,
  remembered: Remembered = { presentation: undefined, signatures: [] },
): ReadEvidence {
  const marked = Object.freeze({ kind: 'read' as const, ...evidence })
  made.set(marked, remembered)
  return marked
}

/** What is remembered of evidence that this process read; undefined for any other. */
export function rememberedOf(evidence: Evidence): Remembered | undefined {
  return made.get(evidence)
}

/**
 * The presentation in some evidence, read again unless it was read on the way.
 *
 * @throws {InputError} as `parsePresentation`.
 */
export function presentationOf(evidence: Evidence): ParsedPresentation {
  return rememberedOf(evidence)?.presentation ?? parsePresentation(evidence.input)
}
