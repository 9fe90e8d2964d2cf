import type { JsonObject } from '../../src/credential/model.ts'
import { isWeirError } from '../../src/errors.ts'
import type { VcApi } from '../../src/vcapi/model.ts'
import { integrityOf } from '../adapters/dataIntegrity/keys.ts'
import { newWorld, type World } from '../support/issuer.ts'

export const v2 = 'https://www.w3.org/ns/credentials/v2'
export const v1 = 'https://www.w3.org/2018/credentials/v1'
export const examples = 'https://www.w3.org/ns/credentials/examples/v2'
export const statusBase = 'https://lists.example/status-lists'

/** A department behind the VC-API, over a model of the chain. */
export async function newVcApi(
  changes: Partial<VcApi> = {},
): Promise<{ api: VcApi; world: World }> {
  const world = await newWorld({ statusBase })
  const { issuer, store, model } = world
  const api: VcApi = {
    integrity: integrityOf(),
    issuer,
    verifier: {
      chain: model.chain,
      keysOf: async (did) => (did === issuer.department.did ? [issuer.signer.key.jwk] : []),
      now: issuer.clock,
    },
    sessions: store.sessions,
    clock: issuer.clock,
    ...changes,
  }
  return { api, world }
}

/** A credential as the W3C's suites send it. */
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

export function presentation(rest: Record<string, unknown> = {}): JsonObject {
  return JSON.parse(JSON.stringify({ '@context': [v2], type: ['VerifiablePresentation'], ...rest }))
}

/** The code with which a call refuses; undefined if it does not. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
  } catch (error) {
    if (isWeirError(error)) return error.code
    throw error
  }
  return undefined
}

/** Codes of findings, in order. */
export function codes(findings: readonly { readonly code: string }[]): string[] {
  return findings.map(({ code }) => code)
}
