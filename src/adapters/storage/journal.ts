import type { Selectable } from 'kysely'
import type { ChainJournal, ChainStep } from '../../ports/mirror.ts'
import type { Backend } from './backend.ts'
import type { Tables } from './schema.ts'

/** What was read of chains, in a database; one process follows a chain into it. */
export function chainJournal(backend: Backend): ChainJournal {
  return {
    steps: (chain) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('chain_steps')
          .selectAll()
          .where('chain', '=', chain)
          .orderBy('id')
          .execute()
        return rows.map(stepOf)
      }),
    append: (chain, { head, events, isBack }) =>
      backend.write(async (tx) => {
        const last = await tx.db
          .selectFrom('chain_steps')
          .select((eb) => eb.fn.max('id').as('id'))
          .where('chain', '=', chain)
          .executeTakeFirst()
        const id = (last?.id ?? 0) + 1
        const time = head.time.getTime()
        await tx.insert('chain_steps', [
          [chain, id, head.number, head.hash, time, isBack ? 1 : 0, JSON.stringify(events)],
        ])
      }),
    clear: (chain) =>
      backend.write(async (tx) => {
        await tx.db.deleteFrom('chain_steps').where('chain', '=', chain).execute()
      }),
  }
}

function stepOf(row: Selectable<Tables['chain_steps']>): ChainStep {
  const { number, hash, time, is_back, events } = row
  const head = { number, hash, time: new Date(time) }
  return { head, events: JSON.parse(events) as ChainStep['events'], isBack: is_back === 1 }
}
