import type { InclusionProof } from '../../anchor/model.ts'
import { isJsonObject } from '../../credential/json.ts'
import type { Json, JsonObject, ParsedCredential } from '../../credential/model.ts'
import { InputError, isWeirError } from '../../errors.ts'
import { readProof } from '../../presentation/certificateFile.ts'
import { parsePresentation } from '../../presentation/parsePresentation.ts'
import { matchQuery } from '../../presentation/query.ts'
import type { PresentationRequest } from '../../presentation/request.ts'

/** One presentation of an answer, under the id of the credential query that it answers. */
export type Answered = {
  readonly query: string
  readonly token: string
  readonly proof: InclusionProof | undefined
}

const maxPresentations = 16

/**
 * Reads a `vp_token`: an object from the ids of credential queries to lists of presentations, and the
 * inclusion proofs that may come beside it in the same shape.
 *
 * @param proofs the response parameter `anchor_proofs`, an extension: `{ id: [proof | null] }`.
 * @throws {InputError} `presentation/bad-response`
 * @see OpenID4VP 1.0, section 8.1
 */
export function readVpToken(vpToken: Json | undefined, proofs: Json | undefined): Answered[] {
  if (!isJsonObject(vpToken)) throw bad('vp_token')
  if (proofs !== undefined && !isJsonObject(proofs)) throw bad('anchor_proofs')
  const answered = Object.entries(vpToken).flatMap(([query, list]) => {
    if (!Array.isArray(list) || list.length === 0) throw bad('vp_token')
    const beside = proofs?.[query] ?? []
    if (!Array.isArray(beside) || beside.length > list.length) throw bad('anchor_proofs')
    return list.map((token, index): Answered => {
      if (typeof token !== 'string') throw bad('vp_token')
      return { query, token, proof: readOne(beside[index]) }
    })
  })
  if (answered.length === 0 || answered.length > maxPresentations) throw bad('vp_token')
  return answered
}

/**
 * Whether an answer is what was asked for: every presentation holds one credential that its query
 * accepts, no query has more than it allows, and together they satisfy the whole.
 *
 * @throws {InputError} `presentation/bad-request` if the query breaks the matcher.
 * @see OpenID4VP 1.0, sections 6 and 8.6
 */
export function answersQuery(
  dcql: PresentationRequest['dcql'],
  answered: readonly Answered[],
): boolean {
  const credentials: ParsedCredential[] = []
  for (const { token } of answered) {
    const held = presentedIn(token)
    if (held === undefined) return false
    credentials.push(held)
  }
  const { queries } = matchQuery(dcql, credentials, () => true)
  for (const [index, { query }] of answered.entries()) {
    const match = queries.find(({ id }) => id === query)
    if (!match?.candidates.some((candidate) => candidate.index === index)) return false
  }
  const given = (id: string) => answered.filter(({ query }) => query === id).length
  if (dcql.credentials.some(({ id, multiple }) => !multiple && given(id) > 1)) return false
  const sets = dcql.credential_sets
  if (sets === undefined) return dcql.credentials.every(({ id }) => given(id) > 0)
  return sets.every(
    ({ required, options }) =>
      !required || options.some((option) => option.every((id) => given(id) > 0)),
  )
}

/** The one credential in a presentation; undefined if there are more, or none can be read. */
function presentedIn(token: string): ParsedCredential | undefined {
  try {
    const [first, ...others] = parsePresentation(token)
    return others.length === 0 && first?.binding !== undefined ? first.credential : undefined
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}

function readOne(value: Json | undefined): InclusionProof | undefined {
  try {
    return readProof(value)
  } catch (cause) {
    throw new InputError('presentation/bad-response', { path: 'anchor_proofs', cause })
  }
}

function bad(path: string): InputError {
  return new InputError('presentation/bad-response', { path })
}

/** What each presentation discloses, by its query; call it for what is verified only. */
export function disclosedClaims(answered: readonly Answered[]): JsonObject {
  const disclosed = new Map<string, Json[]>()
  for (const { query, token } of answered) {
    const held = presentedIn(token)
    if (held === undefined) continue
    const one = { type: held.certificateType ?? null, claims: held.claims }
    disclosed.set(query, [...(disclosed.get(query) ?? []), one])
  }
  return Object.fromEntries(disclosed)
}
