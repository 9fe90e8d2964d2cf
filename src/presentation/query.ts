import { type DcqlCredential, DcqlQuery } from 'dcql'
import type { JsonObject, ParsedCredential } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { fieldPath } from './fieldPath.ts'
import type { ClaimPath } from './model.ts'

/** A credential that can answer one query, by its position in the list that was given. */
export type Candidate = {
  readonly index: number
  /** Fields that answer it, for the first claim set that can be met; always visible ones among them. */
  readonly claims: readonly ClaimPath[]
}

/** One credential query and what can answer it. */
export type QueryMatch = {
  readonly id: string
  /** Whether the verifier cannot do without it. */
  readonly required: boolean
  readonly candidates: readonly Candidate[]
}

/** A whole query and what can answer it. */
export type QueryMatches = {
  readonly satisfied: boolean
  readonly queries: readonly QueryMatch[]
}

/**
 * Matches a DCQL query. A holder gives what it holds, a verifier what was presented.
 *
 * @param hasBinding whether the credential at this position is bound, or can be, to a holder key.
 * @throws {InputError} `presentation/bad-request` if the query breaks the matcher.
 * @see OpenID4VP 1.0, section 6
 */
export function matchQuery(
  dcql: DcqlQuery,
  credentials: readonly ParsedCredential[],
  hasBinding: (index: number) => boolean,
): QueryMatches {
  const inputs = credentials.map((credential, i) => dcqlCredential(credential, hasBinding(i)))
  let result: ReturnType<typeof DcqlQuery.query>
  try {
    result = DcqlQuery.query(dcql, inputs)
  } catch (cause) {
    throw new InputError('presentation/bad-request', { path: 'dcql', cause })
  }
  const sets = dcql.credential_sets
  const wanted = new Set(
    sets?.filter((set) => set.required).flatMap((set) => set.options.flat()) ?? [],
  )
  const queries = dcql.credentials.map((query): QueryMatch => {
    const valid = result.credential_matches[query.id]?.valid_credentials ?? []
    return {
      id: query.id,
      required: sets === undefined || wanted.has(query.id),
      candidates: valid.map((match) => {
        const index = match.input_credential_index
        const indexes = match.claims.valid_claim_sets[0]?.valid_claim_indexes ?? []
        const paths = indexes.map(
          (i) => (query.claims?.[i] as { path: ClaimPath } | undefined)?.path ?? [],
        )
        return { index, claims: fields(credentials[index]!, paths) }
      }),
    }
  })
  return { satisfied: result.can_be_satisfied, queries }
}

/** DCQL paths start at the credential; ours at the certificate's fields. Others are always visible. */
function fields({ format }: ParsedCredential, paths: readonly ClaimPath[]): ClaimPath[] {
  return paths.flatMap((path) => {
    const field = fieldPath(format, format === 'jwt_vc' ? ['vc', ...path] : path)
    return field === undefined ? [] : [field]
  })
}

/** OpenID4VP 1.0 appendix B: JWT formats are `jwt_vc_json`, their paths start at the VC itself. */
function dcqlCredential(credential: ParsedCredential, hasBinding: boolean): DcqlCredential {
  const { format, payload, certificateType } = credential
  const vc = format === 'jwt_vc' ? (payload.vc as JsonObject) : payload
  const base = {
    cryptographic_holder_binding: hasBinding,
    claims: vc as Record<string, never>,
  }
  if (format === 'dc+sd-jwt') {
    return { credential_format: format, vct: certificateType ?? '', ...base }
  }
  const types = Array.isArray(vc.type) ? vc.type : [vc.type]
  const type = types.filter((name) => typeof name === 'string')
  if (format === 'vc+sd-jwt') {
    return { credential_format: format, vct: certificateType ?? '', type, ...base }
  }
  return { credential_format: 'jwt_vc_json', type, ...base }
}
