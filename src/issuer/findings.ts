import type { Code } from '../errors.ts'

/** What `fsck` looks through, in this order. */
export const fsckStages = ['batches', 'credentials', 'statuses', 'store'] as const
export type FsckStage = (typeof fsckStages)[number]

/** One wrong row: a sequence, a copy's number, `list/word`, or a place of the store such as `audit 7`. */
export type Finding = {
  readonly kind: 'finding'
  readonly stage: FsckStage
  readonly row: string
  readonly code: Code
}

/** How far `fsck` has come. */
export type Progress = {
  readonly kind: 'progress'
  readonly stage: FsckStage
  readonly done: number
}

export type FsckEvent = Finding | Progress

/** A finding. */
export function finding(stage: FsckStage, row: string | number, code: Code): Finding {
  return { kind: 'finding', stage, row: String(row), code }
}
