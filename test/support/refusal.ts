import { isWeirError } from '../../src/errors.ts'

/** The code with which a call refuses; undefined if it does not. */
export function refusal(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    if (isWeirError(error)) return error.code
    throw error
  }
  return undefined
}
