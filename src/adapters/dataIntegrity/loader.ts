import type { JsonObject } from '../../credential/model.ts'
import { InputError, isWeirError } from '../../errors.ts'
import type { KeptContext } from './contexts.ts'

/** A loader as JSON-LD libraries want it, that knows what is kept and nothing else. */
export type Loader = (url: string) => Promise<{
  readonly contextUrl: null
  readonly documentUrl: string
  readonly document: JsonObject
}>

/** Answers from memory; any other address is refused, none is asked. */
export function loaderOf(kept: ReadonlyMap<string, KeptContext>): Loader {
  return async (url) => {
    const context = kept.get(url)
    if (context === undefined) throw new InputError('integrity/unknown-context')
    return { contextUrl: null, documentUrl: url, document: context.json }
  }
}

/**
 * Why a JSON-LD library refused: the loader's own error where it is the cause. The library's message
 * would quote the document and is not passed on.
 */
export function refusalOf(error: unknown): Error {
  let cause: unknown = error
  for (let depth = 0; depth < 8 && cause instanceof Error; depth += 1) {
    if (isWeirError(cause)) return cause
    const { details } = cause as { details?: { cause?: unknown } }
    cause = cause.cause ?? details?.cause
  }
  return new InputError('integrity/undefined-term')
}
