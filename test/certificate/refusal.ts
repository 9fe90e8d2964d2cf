import { isWeirError } from '../../src/errors.ts'

/** The code with which this call is refused, and where; undefined if it is not. */
export function refusal(call: () => unknown): { code: string; path?: unknown } | undefined {
  try {
    call()
  } catch (error) {
    if (!isWeirError(error)) throw error
    const { path } = error.detail
    return path === undefined ? { code: error.code } : { code: error.code, path }
  }
  return undefined
}

/** The code with which this call is refused. */
export function codeOf(call: () => unknown): string | undefined {
  return refusal(call)?.code
}
