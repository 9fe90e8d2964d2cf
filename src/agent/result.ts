import type { IVerifyResult } from '@veramo/core-types'
import { isWeirError } from '../errors.ts'
import type { Check, Verdict } from '../verdict/model.ts'

/**
 * A verdict as Veramo's callers read it: `verified` only where every check passed, the code of the first
 * check that did not, and the whole verdict beside.
 */
function resultOf(verdict: Verdict): IVerifyResult {
  if (verdict.outcome === 'valid') return { verified: true, verdict }
  const checks = [...verdict.checks, ...verdict.credentials.flatMap((one) => one.checks)]
  const code = (first(checks, 'fail') ?? first(checks, 'unknown'))?.code ?? 'verdict/not-reached'
  return { verified: false, error: { message: code, errorCode: code }, verdict }
}

/**
 * Runs a check. What is wrong with the document is a result, as Veramo's callers expect; that the chain
 * could not be read is thrown, since trying again may help.
 */
export async function answered(check: () => Promise<Verdict>): Promise<IVerifyResult> {
  try {
    return resultOf(await check())
  } catch (error) {
    if (!isWeirError(error) || error.name === 'OutsideError') throw error
    return { verified: false, error: { message: error.code, errorCode: error.code } }
  }
}

function first(checks: readonly Check[], outcome: Check['outcome']): Check | undefined {
  return checks.find((check) => check.outcome === outcome)
}
