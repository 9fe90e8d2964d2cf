import type { Selectable } from 'kysely'
import type { Session, SessionStore } from '../../ports/sessions.ts'
import type { Backend } from './backend.ts'
import type { Tables } from './schema.ts'
import { isName, readValue, valueText } from './sessionValue.ts'

/**
 * Facts of running protocols, in a database. Nobody writes beside a transaction, so that looking and
 * removing inside one are a single act for every process.
 */
export function sessionStore(backend: Backend): SessionStore {
  return {
    add: async (department, sessions) => {
      const rows = sessions.map((session) => [
        department,
        session.kind,
        session.name,
        1,
        valueText(session),
        session.expiresAt.getTime(),
      ])
      if (rows.length > 0) await backend.write((tx) => tx.insert('sessions', rows), [])
    },
    get: async (department, kind, name, now) => {
      if (!isName(name)) return undefined
      return backend.read(async (db) => {
        const row = await db
          .selectFrom('sessions')
          .selectAll()
          .where('department', '=', department)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .where('expires_at', '>', now.getTime())
          .executeTakeFirst()
        return row && session(row)
      })
    },
    replace: async (department, { kind, name, version, value, expiresAt }) => {
      const text = valueText({ kind, name, value })
      return backend.write(async (tx) => {
        const result = await tx.db
          .updateTable('sessions')
          .set({ version: version + 1, value: text, expires_at: expiresAt.getTime() })
          .where('department', '=', department)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .where('version', '=', version)
          .executeTakeFirst()
        return result.numUpdatedRows === 1n
      }, [])
    },
    take: async (department, kind, name, now) => {
      if (!isName(name)) return undefined
      return backend.write(async (tx) => {
        const row = await tx.db
          .deleteFrom('sessions')
          .where('department', '=', department)
          .where('kind', '=', kind)
          .where('name', '=', name)
          .returningAll()
          .executeTakeFirst()
        return row && row.expires_at > now.getTime() ? session(row) : undefined
      }, [])
    },
    purge: (now) =>
      backend.write(async (tx) => {
        // Also what was taken since the last purge shall leave the disk.
        tx.forget()
        const result = await tx.db
          .deleteFrom('sessions')
          .where('expires_at', '<=', now.getTime())
          .executeTakeFirst()
        return Number(result.numDeletedRows)
      }),
  }
}

function session(row: Selectable<Tables['sessions']>): Session {
  return {
    kind: row.kind,
    name: row.name,
    version: row.version,
    value: readValue(row.value),
    expiresAt: new Date(row.expires_at),
  }
}
