import { builtInTypes } from '../certificate/types.ts'
import { classesOf } from '../holder/classes.ts'
import type { ClaimPath } from '../presentation/model.ts'

/** Whether a claim of this type is restricted; of a type that nobody here knows, every claim is. */
export function restricted(certificateType: string | undefined): (path: ClaimPath) => boolean {
  const classOf = classesOf(builtInTypes, certificateType)
  const isKnown = builtInTypes.some(({ uri }) => uri === certificateType)
  return (path) => !isKnown || classOf(path) === 'R'
}
