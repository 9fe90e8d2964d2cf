import { InputError, isWeirError, OutsideError, TrustError } from '../errors.ts'
import type { Finding, Verification } from './model.ts'

/**
 * Runs one verification: what it throws about the document is its error, what it notes are warnings.
 *
 * @throws {OutsideError} since nothing is wrong with the document then.
 */
export async function verified(
  checks: readonly string[],
  run: (warn: (finding: Finding) => void) => Promise<readonly Finding[]>,
): Promise<Verification> {
  const warnings: Finding[] = []
  const warn = (finding: Finding) => void warnings.push(finding)
  let errors: readonly Finding[]
  try {
    errors = await run(warn)
  } catch (error) {
    if (!(error instanceof InputError || error instanceof TrustError)) throw error
    errors = [findingOf(error)]
  }
  return { verified: errors.length === 0, checks, errors, warnings }
}

/** An error as a finding. */
export function findingOf(error: InputError | TrustError): Finding {
  return { code: error.code, detail: error.detail }
}

/** The same findings inside something larger. */
export function within(path: string, findings: readonly Finding[]): Finding[] {
  return findings.map(({ code, detail }) => {
    const inner = typeof detail.path === 'string' ? `/${detail.path}` : ''
    return { code, detail: { ...detail, path: `${path}${inner}` } }
  })
}

/** A value, or undefined where the input does not give one. */
export async function unlessRefused<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isWeirError(error) && !(error instanceof OutsideError)) return undefined
    throw error
  }
}
