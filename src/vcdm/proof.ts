import type { JsonObject } from '../credential/model.ts'
import { isUrl, listOf, readId, readObjects, refuse } from './read.ts'
import { readTime } from './validity.ts'

/** A Data Integrity proof as it stands in a document; nothing of it verified. */
export type Proof = {
  /** The object itself, from which the proof configuration is made. */
  readonly json: JsonObject
  readonly id: string | undefined
  readonly type: string
  readonly cryptosuite: string | undefined
  readonly created: Date | undefined
  readonly expires: Date | undefined
  readonly verificationMethod: string
  readonly proofPurpose: string
  readonly proofValue: string
  readonly challenge: string | undefined
  readonly domains: readonly string[]
  readonly previousProofs: readonly string[]
}

const maxProofs = 16

/**
 * Reads `proof`: one or a set of proofs.
 *
 * @returns empty if there is none.
 * @throws {InputError} `vcdm/bad-proof`, `vcdm/bad-id`, `vcdm/bad-validity`
 * @see VC Data Integrity 1.0, section 2.1
 */
export function readProofs(document: JsonObject): readonly Proof[] {
  const objects = readObjects(document.proof, 'proof', 'vcdm/bad-proof')
  if (objects.length > maxProofs) throw refuse('vcdm/bad-proof', 'proof', 'too many')
  const isList = Array.isArray(document.proof)
  const proofs = objects.map((json, index) =>
    readProof(json, isList ? `proof/${index}/` : 'proof/'),
  )
  const ids = proofs.flatMap(({ id }) => id ?? [])
  if (new Set(ids).size !== ids.length) throw refuse('vcdm/bad-proof', 'proof/id', 'twice')
  return proofs
}

function readProof(json: JsonObject, path: string): Proof {
  const text = (member: string) => {
    const value = json[member]
    if (typeof value !== 'string' || value === '') throw refuse('vcdm/bad-proof', path + member)
    return value
  }
  const optional = (member: string) => (json[member] === undefined ? undefined : text(member))
  const texts = (member: string) =>
    listOf(json[member]).map((value) => {
      if (typeof value !== 'string') throw refuse('vcdm/bad-proof', path + member)
      return value
    })
  const verificationMethod = text('verificationMethod')
  if (!isUrl(verificationMethod)) throw refuse('vcdm/bad-proof', `${path}verificationMethod`)
  optional('nonce')
  return {
    json,
    id: readId(json, path),
    type: text('type'),
    cryptosuite: optional('cryptosuite'),
    created: readTime(json.created, `${path}created`),
    expires: readTime(json.expires, `${path}expires`),
    verificationMethod,
    proofPurpose: text('proofPurpose'),
    proofValue: text('proofValue'),
    challenge: optional('challenge'),
    domains: texts('domain'),
    previousProofs: texts('previousProof'),
  }
}
