import { isJsonObject } from '../../credential/json.ts'
import type { Json, ParsedCredential } from '../../credential/model.ts'
import { parseCredential } from '../../credential/parse.ts'
import { InputError, TrustError } from '../../errors.ts'
import { classesOf } from '../../holder/classes.ts'
import type { Holder } from '../../holder/model.ts'
import type { Consent } from '../../holder/present.ts'
import { type Selection, select } from '../../holder/select.ts'
import { fieldPath, leadsTo, pathText } from '../../presentation/fieldPath.ts'
import type { ClaimPath } from '../../presentation/model.ts'
import type { VerifiedRequest } from './model.ts'

/** What the holder agreed to show in answer to one credential query. */
export type Disclose = {
  /** Fingerprint of the certificate to show, hex; undefined: the one received last that fits. */
  readonly credential?: string | undefined
  readonly claims: readonly ClaimPath[]
}

/** Consents by credential query; a query that is not among them shows nothing selectively disclosable. */
export type Disclosures = {
  readonly everyQuery: readonly ClaimPath[]
  readonly byQuery: ReadonlyMap<string, Disclose>
}

/** A certificate chosen for a query, and what is shown of it. */
export type Chosen = { readonly query: string; readonly consent: Consent }

/**
 * Reads what a caller agrees to show: nothing; a list of claim paths for every certificate; or by
 * credential query such a list, or `{ credential, claims }`. A path is a list as DCQL has it, or the name
 * of one field.
 *
 * @throws {InputError} `presentation/unknown-claim` for what is no path.
 */
export function readDisclose(value: Json | undefined): Disclosures {
  if (value === undefined) return { everyQuery: [], byQuery: new Map() }
  if (Array.isArray(value)) return { everyQuery: value.map(readPath), byQuery: new Map() }
  if (!isJsonObject(value)) throw new InputError('presentation/unknown-claim')
  const byQuery = Object.entries(value).map(([query, wish]): [string, Disclose] => {
    if (Array.isArray(wish)) return [query, { claims: wish.map(readPath) }]
    if (!isJsonObject(wish)) throw new InputError('presentation/unknown-claim')
    const { credential, claims = [], ...others } = wish
    const isOne = credential === undefined || typeof credential === 'string'
    if (!Array.isArray(claims) || !isOne || Object.keys(others).length > 0) {
      throw new InputError('presentation/unknown-claim')
    }
    return [query, { credential, claims: claims.map(readPath) }]
  })
  return { everyQuery: [], byQuery: new Map(byQuery) }
}

function readPath(value: Json): ClaimPath {
  if (typeof value === 'string') return [value]
  const isPath =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((part) => part === null || typeof part === 'string' || typeof part === 'number')
  if (!isPath) throw new InputError('presentation/unknown-claim')
  return value as ClaimPath
}

/**
 * Chooses certificates for a request and what is shown of each: what the caller agreed to and the
 * request asks for, never more.
 *
 * @throws {InputError} `presentation/not-answered` if this wallet has nothing that fits;
 *   `presentation/unknown-claim` if a path leads to nothing, or to what was not asked for;
 *   `holder/not-held` for a certificate that does not answer.
 * @throws {TrustError} `wallet/restricted-claim` if an unsigned request would get to see one.
 */
export async function choose(
  holder: Holder,
  { request, verifier }: VerifiedRequest,
  disclosures: Disclosures,
): Promise<Chosen[]> {
  const { queries } = await select(holder, request)
  const answered = queriesToAnswer(request, queries, disclosures)
  for (const query of disclosures.byQuery.keys()) {
    if (!answered.includes(query)) throw new InputError('presentation/unknown-claim', { query })
  }
  const received = new Map((await holder.store.list()).map((one) => [one.id, one]))
  const used = new Set<ClaimPath>()
  const chosen = answered.map((query): Chosen => {
    const { choices } = queries.find(({ id }) => id === query)!
    const wish = disclosures.byQuery.get(query)
    const fitting = choices.filter(
      ({ id }) => wish?.credential === undefined || id === wish.credential,
    )
    const newest = fitting
      .map(({ id }) => received.get(id)!)
      .toSorted((a, b) => b.receivedAt.getTime() - a.receivedAt.getTime())[0]
    if (newest === undefined) throw new InputError('holder/not-held')
    const credential = parseCredential(newest.token)
    const disclose: ClaimPath[] = []
    for (const path of wish?.claims ?? disclosures.everyQuery) {
      const place = placeOf(credential, path)
      if (place === undefined || !isAsked(request, query, credential, place)) continue
      used.add(path)
      disclose.push(place)
    }
    if (!verifier.isSigned) refuseRestricted(holder, credential, disclose)
    return { query, consent: { id: newest.id, disclose } }
  })
  const asked = [
    ...disclosures.everyQuery,
    ...[...disclosures.byQuery.values()].flatMap((one) => one.claims),
  ]
  const unused = asked.find((path) => !used.has(path))
  if (unused !== undefined) {
    throw new InputError('presentation/unknown-claim', { path: pathText(unused).slice(0, 200) })
  }
  return chosen
}

/** Required queries, those of the first option of each required set that can be met, and named ones. */
function queriesToAnswer(
  { dcql }: VerifiedRequest['request'],
  queries: Selection['queries'],
  { byQuery }: Disclosures,
): string[] {
  const can = (id: string) => queries.some((query) => query.id === id && query.choices.length > 0)
  const wanted = new Set<string>()
  const sets = dcql.credential_sets
  if (sets === undefined) for (const { id } of queries) wanted.add(id)
  for (const { required, options } of sets ?? []) {
    const option = options.find((ids) => ids.every(can))
    const isNamed = option?.some((id) => byQuery.has(id))
    if (option !== undefined && (required || isNamed)) for (const id of option) wanted.add(id)
    else if (required) throw new InputError('presentation/not-answered')
  }
  if (wanted.size === 0 || ![...wanted].every(can))
    throw new InputError('presentation/not-answered')
  return queries.map(({ id }) => id).filter((id) => wanted.has(id))
}

/** Whether a query asks for this place, or for something around it; no `claims`: for nothing (section 6.4). */
function isAsked(
  { dcql }: VerifiedRequest['request'],
  query: string,
  { format }: ParsedCredential,
  place: ClaimPath,
): boolean {
  const claims = dcql.credentials.find(({ id }) => id === query)?.claims ?? []
  return claims.some((claim) => {
    const path = 'path' in claim ? (claim.path as ClaimPath) : []
    const asked = fieldPath(format, format === 'jwt_vc' ? ['vc', ...path] : path)
    return asked !== undefined && leadsTo(asked, place)
  })
}

/** Where a path leads in the certificate's fields; it may be written as DCQL has it for the format. */
function placeOf({ format, claims }: ParsedCredential, path: ClaimPath): ClaimPath | undefined {
  const candidates = [path, fieldPath(format, path), fieldPath(format, ['vc', ...path])]
  return candidates.find((place) => place !== undefined && exists(claims, place))
}

function exists(value: Json | undefined, path: ClaimPath): boolean {
  const [part, ...rest] = path
  if (part === undefined) return value !== undefined
  if (part === null) return Array.isArray(value) && value.some((one) => exists(one, rest))
  if (Array.isArray(value)) return typeof part === 'number' && exists(value[part], rest)
  if (!isJsonObject(value) || typeof part !== 'string') return false
  return Object.hasOwn(value, part) && exists(value[part], rest)
}

/** Anybody can have written an unsigned request: what is not known to be harmless stays here. */
function refuseRestricted(
  { types }: Holder,
  { certificateType }: ParsedCredential,
  disclose: readonly ClaimPath[],
): void {
  const classOf = classesOf(types, certificateType)
  for (const path of disclose) {
    // What is restricted inside needs a consent of its own, and stays hidden without.
    const classes = path.map((_, i) => classOf(path.slice(0, i + 1)))
    if (classes.includes('R') || classes.every((one) => one === undefined)) {
      throw new TrustError('wallet/restricted-claim', { path: pathText(path) })
    }
  }
}
