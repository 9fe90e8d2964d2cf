import { InputError } from '../../errors.ts'
import type { Session, SessionStore } from '../../ports/sessions.ts'
import type { Memory } from './memoryState.ts'
import { readValue, valueText } from './sessionValue.ts'

/** Facts of running protocols without a database. */
export function memorySessions({ sessions }: Memory): SessionStore {
  const placeOf = (...parts: readonly string[]): string => JSON.stringify(parts)
  // Copied in and out, as through a database: what a caller changes later is its own.
  const copied = (session: Session): Session => ({
    ...session,
    value: readValue(valueText(session)),
    expiresAt: new Date(session.expiresAt),
  })
  const isAlive = (session: Session | undefined, now: Date) =>
    session !== undefined && session.expiresAt > now
  return {
    add: async (department, added) => {
      const places = added.map(({ kind, name }) => placeOf(department, kind, name))
      const copies = added.map((session) => copied({ ...session, version: 1 }))
      if (new Set(places).size < places.length || places.some((place) => sessions.has(place))) {
        throw new InputError('store/duplicate')
      }
      for (const [i, copy] of copies.entries()) sessions.set(places[i]!, copy)
    },
    get: async (department, kind, name, now) => {
      const session = sessions.get(placeOf(department, kind, name))
      return isAlive(session, now) ? copied(session!) : undefined
    },
    replace: async (department, session) => {
      const place = placeOf(department, session.kind, session.name)
      if (sessions.get(place)?.version !== session.version) return false
      sessions.set(place, copied({ ...session, version: session.version + 1 }))
      return true
    },
    take: async (department, kind, name, now) => {
      const place = placeOf(department, kind, name)
      const session = sessions.get(place)
      sessions.delete(place)
      return isAlive(session, now) ? session : undefined
    },
    purge: async (now) => {
      const gone = [...sessions].filter(([, session]) => !isAlive(session, now))
      for (const [place] of gone) sessions.delete(place)
      return gone.length
    },
  }
}
