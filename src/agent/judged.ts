import type { IVerifyResult } from '@veramo/core-types'

const judged = new WeakMap<object, IVerifyResult>()

/**
 * Remembers the result for a credential object until whatever runs now is done: right after a
 * provider's answer Veramo asks the status plugin about the same object, and would put "revoked" in place
 * of the reason that the provider gave.
 */
export function remember(credential: unknown, result: IVerifyResult): IVerifyResult {
  if (typeof credential === 'object' && credential !== null) {
    judged.set(credential, result)
    setTimeout(() => judged.delete(credential), 0)
  }
  return result
}

/** The result that {@link remember} was just given for this very object. */
export function remembered(credential: unknown): IVerifyResult | undefined {
  return typeof credential === 'object' && credential !== null ? judged.get(credential) : undefined
}
