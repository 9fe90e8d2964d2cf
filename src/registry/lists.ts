import type { ListKind } from '../certificate/listAddress.ts'
import { InputError, isWeirError, OutsideError } from '../errors.ts'
import type { Registry } from './model.ts'

/** Which published list, and in which media type. */
export type ListWanted = {
  readonly department: string
  readonly list: number
  readonly kind: ListKind
  readonly mediaType: string
  /** Seconds since 1970 or RFC 3339; undefined: now. */
  readonly time: string | undefined
}

/** A list as its department published it; signed by it, so no node can change it. */
export type MirroredList = {
  readonly body: Uint8Array
  readonly mediaType: string
  readonly etag: string | undefined
  readonly fetchedAt: Date
}

/** Milliseconds for which a copy is new enough: lists are made within 60 s of a change. */
const freshMs = 15_000
/** Copies kept. */
const most = 256

/**
 * Published status lists of all departments, fetched when asked for and kept: while a department's service
 * does not answer, its last list goes on being served until the list itself says that it is too old.
 *
 * @throws {InputError} `mirror/not-found` from the function, `request/malformed` for a time that the
 *   department refuses.
 * @throws {OutsideError} `mirror/no-source`, `mirror/no-leaves`, and as `Fetch`, where no copy is kept.
 */
export function mirroredLists(
  registry: Pick<Registry, 'fetch' | 'sources' | 'clock'>,
): (wanted: ListWanted) => Promise<MirroredList> {
  const copies = new Map<string, MirroredList>()
  return async (wanted) => {
    if (wanted.time !== undefined) return fetchList(registry, wanted)
    const { department, list, kind, mediaType } = wanted
    const name = `${department}/${list}/${kind} ${mediaType}`
    const copy = copies.get(name)
    const age = copy && registry.clock().getTime() - copy.fetchedAt.getTime()
    if (copy !== undefined && age! < freshMs) return copy
    try {
      const fresh = await fetchList(registry, wanted)
      copies.delete(name)
      copies.set(name, fresh)
      if (copies.size > most) copies.delete(copies.keys().next().value!)
      return fresh
    } catch (error) {
      if (copy !== undefined && isWeirError(error) && error instanceof OutsideError) return copy
      throw error
    }
  }
}

async function fetchList(
  { fetch, sources, clock }: Pick<Registry, 'fetch' | 'sources' | 'clock'>,
  { department, list, kind, mediaType, time }: ListWanted,
): Promise<MirroredList> {
  const base = sources.get(department)
  if (base === undefined) throw new OutsideError('mirror/no-source', { issuer: department })
  const query = time === undefined ? '' : `?time=${encodeURIComponent(time)}`
  const { status, headers, body } = await fetch({
    url: `${base}/status-lists/${department}/${list}/${kind}${query}`,
    headers: { accept: mediaType },
  })
  if (status === 404) throw new InputError('mirror/not-found')
  if (status === 400) throw new InputError('request/malformed', { at: 'query' })
  // Another type would be another statement than was asked for.
  const isAsked = (headers['content-type'] ?? '').split(';')[0]?.trim() === mediaType
  if (status !== 200 || !isAsked) {
    throw new OutsideError('mirror/no-leaves', { issuer: department, status })
  }
  return { body, mediaType, etag: headers.etag, fetchedAt: clock() }
}
