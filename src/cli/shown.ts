import { builtInTypes } from '../certificate/types.ts'
import type { ParsedCredential } from '../credential/model.ts'
import { isWeirError } from '../errors.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import { hex } from '../primitives/bytes.ts'
import type { Text } from './language.ts'
import { printable } from './output.ts'

/** What each credential of an input calls itself, by fingerprint; nothing for an input that cannot be read. */
export function describe(input: string): Map<string, Text> {
  try {
    const named = parsePresentation(input).map(
      ({ credential }) => [hex(credential.fingerprint), nameOf(credential)] as const,
    )
    return new Map(named)
  } catch (error) {
    if (isWeirError(error)) return new Map()
    throw error
  }
}

/** Type and identifier, as in `Business licence 91510181...`. */
export function nameOf({ certificateType, certificate = '' }: ParsedCredential): Text {
  const type = builtInTypes.find(({ uri }) => uri === certificateType)
  const { en, zh } = type?.names ?? { en: certificateType ?? '', zh: certificateType ?? '' }
  return { en: printable(`${en} ${certificate}`), zh: printable(`${zh} ${certificate}`) }
}
