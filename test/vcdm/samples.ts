import type { JsonObject } from '../../src/credential/model.ts'
import { isWeirError } from '../../src/errors.ts'
import { checkCredential } from '../../src/vcdm/credential.ts'
import { checkPresentation } from '../../src/vcdm/presentation.ts'
import type { KnownDigests } from '../../src/vcdm/resources.ts'

export const v2 = 'https://www.w3.org/ns/credentials/v2'
export const v1 = 'https://www.w3.org/2018/credentials/v1'
export const examples = 'https://www.w3.org/ns/credentials/examples/v2'

/** A credential that has what it must, and what a test adds; undefined takes a member away. */
export function credential(rest: Record<string, unknown> = {}): JsonObject {
  return JSON.parse(
    JSON.stringify({
      '@context': [v2],
      type: ['VerifiableCredential'],
      issuer: 'did:example:issuer',
      credentialSubject: { id: 'did:example:subject' },
      ...rest,
    }),
  )
}

/** A presentation that has what it must. */
export function presentation(rest: Record<string, unknown> = {}): JsonObject {
  return JSON.parse(JSON.stringify({ '@context': [v2], type: ['VerifiablePresentation'], ...rest }))
}

const nothing: KnownDigests = () => undefined

/** Code and place of a refusal, `code place`; undefined: taken. */
export function refused(
  rest: Record<string, unknown>,
  known: KnownDigests = nothing,
): string | undefined {
  return outcome(() => checkCredential(credential(rest), known))
}

export function refusedPresentation(rest: Record<string, unknown>): string | undefined {
  return outcome(() => checkPresentation(presentation(rest)))
}

export function outcome(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    if (isWeirError(error)) return `${error.code} ${error.detail.path}`
    throw error
  }
  return undefined
}
