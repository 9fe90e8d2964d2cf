import { InputError, OutsideError, TrustError } from '../errors.ts'

/** Exit codes: the verdict's three, and usage as in sysexits. */
export const exits = { valid: 0, invalid: 1, unknown: 2, usage: 64, internal: 70 } as const

/** How the process ends after an error: fix it 64, refuse it 1, retry it 2, anything else 70. */
export function exitOf(error: unknown): number {
  if (error instanceof InputError) return exits.usage
  if (error instanceof TrustError) return exits.invalid
  if (error instanceof OutsideError) return exits.unknown
  return exits.internal
}
