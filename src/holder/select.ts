import type { DisclosureClass } from '../certificate/model.ts'
import { isJsonObject } from '../credential/json.ts'
import type { Json, ParsedCredential } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import type { ClaimPath } from '../presentation/model.ts'
import { matchQuery } from '../presentation/query.ts'
import type { PresentationRequest } from '../presentation/request.ts'
import { classesOf } from './classes.ts'
import type { Holder } from './model.ts'

/** A claim as the request page shows it before anybody consents. */
export type AskedClaim = {
  readonly path: ClaimPath
  readonly class: DisclosureClass | undefined
  /** Its value here; a list where the path says every element. */
  readonly value: Json
}

/** A held certificate that can answer. */
export type Choice = {
  /** Fingerprint, hex. */
  readonly id: string
  readonly certificateType: string | undefined
  readonly format: ParsedCredential['format']
  readonly claims: readonly AskedClaim[]
}

/** What a request asks of this wallet, and what it could show. Nothing is shown by asking. */
export type Selection = {
  readonly satisfied: boolean
  readonly queries: readonly {
    readonly id: string
    readonly required: boolean
    readonly choices: readonly Choice[]
  }[]
}

/**
 * Finds held certificates that answer a request.
 *
 * @throws {InputError} `presentation/bad-request`
 * @throws {OutsideError} what the store throws.
 */
export async function select(holder: Holder, request: PresentationRequest): Promise<Selection> {
  const records = await holder.store.list()
  const credentials = records.map(({ token }) => parseCredential(token))
  const { satisfied, queries } = matchQuery(
    request.dcql,
    credentials,
    (index) => credentials[index]!.holderKey !== undefined,
  )
  return {
    satisfied,
    queries: queries.map(({ id, required, candidates }) => ({
      id,
      required,
      choices: candidates.map(({ index, claims }) => {
        const { certificateType, format, claims: fields } = credentials[index]!
        const classOf = classesOf(holder.types, certificateType)
        return {
          id: records[index]!.id,
          certificateType,
          format,
          claims: claims.map((path) => ({
            path,
            class: classOf(path),
            value: valueAt(fields, path),
          })),
        }
      }),
    })),
  }
}

function valueAt(value: Json, path: ClaimPath): Json {
  const [part, ...rest] = path
  if (part === undefined) return value
  if (Array.isArray(value)) {
    if (part === null) return value.map((element) => valueAt(element, rest))
    const element = typeof part === 'number' ? value[part] : undefined
    return element === undefined ? null : valueAt(element, rest)
  }
  const member = isJsonObject(value) && typeof part === 'string' ? value[part] : undefined
  return member === undefined ? null : valueAt(member, rest)
}
