import type { ParsedPresentation } from '../presentation/model.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import type { Evidence, ReadEvidence } from './model.ts'

/** What reading found out on its way and judging need not repeat. */
export type Remembered = {
  readonly presentation: ParsedPresentation | undefined
  /** Whether each signature holds under its credential's key; undefined: not checked, no key. */
  readonly signatures: readonly (boolean | undefined)[]
}

/**
 * Marks evidence of this process: it is not enumerable and has no name, so that no copy, clone or file
 * carries it. (A WeakMap would do the same, but costs more at each collection than all checks.)
 */
const mark = Symbol('read by this process')

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
  const marked: ReadEvidence = { kind: 'read', ...evidence }
  return Object.freeze(Object.defineProperty(marked, mark, { value: remembered }))
}

/** What is remembered of evidence that this process read; undefined for any other. */
export function rememberedOf(evidence: Evidence): Remembered | undefined {
  return (evidence as { readonly [mark]?: Remembered })[mark]
}

/**
 * The presentation in some evidence, read again unless it was read on the way.
 *
 * @throws {InputError} as `parsePresentation`.
 */
export function presentationOf(evidence: Evidence): ParsedPresentation {
  return rememberedOf(evidence)?.presentation ?? parsePresentation(evidence.input)
}
