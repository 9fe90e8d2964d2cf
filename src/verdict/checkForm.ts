import { type Case, pass, unknown } from './case.ts'
import type { Check } from './model.ts'

/** Whether the credential is one of ours: what says where it is anchored and where its status stands. */
export function checkForm({ presented: { credential } }: Case): Check {
  const isOurs = credential.chain !== undefined && credential.certificateType !== undefined
  return isOurs ? pass('form', 'form/well-formed') : unknown('form', 'form/foreign')
}
