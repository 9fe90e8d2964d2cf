import type { Issuer } from './model.ts'
import type { StepName } from './steps.ts'

/** Tells whoever watches that a step was passed. */
export async function reach(issuer: Pick<Issuer, 'at'>, step: StepName): Promise<void> {
  if (issuer.at !== undefined) await issuer.at(step)
}
