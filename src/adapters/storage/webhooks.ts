import type { Selectable } from 'kysely'
import type {
  DeliveryStore,
  EndpointStore,
  ProgressStore,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookSource,
  WebhookStore,
} from '../../ports/webhooks.ts'
import type { Status } from '../../status/model.ts'
import type { Backend, Tx } from './backend.ts'
import type { Tables } from './schema.ts'

/** Endpoints, outbox and progress of webhooks, in a database. */
export function webhookStore(backend: Backend): WebhookStore {
  return { ...endpointStore(backend), ...deliveryStore(backend), ...progressStore(backend) }
}

function endpointStore(backend: Backend): EndpointStore {
  return {
    putEndpoint: (department, endpoint) =>
      backend.write(async (tx) => {
        const { id, url, events, secret, state, failingSince, createdAt } = endpoint
        await tx.db
          .deleteFrom('webhook_endpoints')
          .where('department', '=', department)
          .where('id', '=', id)
          .execute()
        const since = failingSince?.getTime() ?? null
        const row = [department, id, url, events.join(' '), secret, state, since]
        await tx.insert('webhook_endpoints', [[...row, createdAt.getTime()]])
      }),
    endpoints: (department) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('webhook_endpoints')
          .selectAll()
          .where('department', '=', department)
          .orderBy('created_at')
          .orderBy('id')
          .execute()
        return rows.map(endpointOf)
      }),
    removeEndpoint: (department, id) =>
      backend.write(async (tx) => {
        tx.forget()
        await tx.db
          .deleteFrom('webhook_deliveries')
          .where('department', '=', department)
          .where('endpoint', '=', id)
          .execute()
        const result = await tx.db
          .deleteFrom('webhook_endpoints')
          .where('department', '=', department)
          .where('id', '=', id)
          .executeTakeFirst()
        return result.numDeletedRows > 0n
      }),
  }
}

function deliveryStore(backend: Backend): DeliveryStore {
  return {
    enqueue: async (department, deliveries) => {
      if (deliveries.length > 0) await backend.write((tx) => enqueue(tx, department, deliveries))
    },
    claim: (department, endpoint, now, until, limit) =>
      backend.write(async (tx) => {
        const rows = await tx.db
          .selectFrom('webhook_deliveries')
          .selectAll()
          .where('department', '=', department)
          .where('endpoint', '=', endpoint)
          .where('state', '=', 'waiting')
          .where('next_at', '<=', now.getTime())
          .orderBy('next_at')
          .orderBy('created_at')
          .orderBy('id')
          .limit(limit)
          .execute()
        for (const { id } of rows) {
          await delivery(tx, department, endpoint, id).set({ next_at: until.getTime() }).execute()
        }
        return rows.map(deliveryOf)
      }),
    reschedule: (department, endpoint, at) =>
      backend.write(async (tx) => {
        await tx.db
          .updateTable('webhook_deliveries')
          .set({ next_at: at.getTime() })
          .where('department', '=', department)
          .where('endpoint', '=', endpoint)
          .where('state', '=', 'waiting')
          .execute()
      }),
    settle: (department, { endpoint, id, state, attempts, nextAt, lastStatus }) =>
      backend.write(async (tx) => {
        await delivery(tx, department, endpoint, id)
          .set({ state, attempts, next_at: nextAt.getTime(), last_status: lastStatus ?? null })
          .execute()
      }),
    recent: (department, endpoint, limit) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('webhook_deliveries')
          .selectAll()
          .where('department', '=', department)
          .where('endpoint', '=', endpoint)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(deliveryOf)
      }),
    purgeDeliveries: (before) =>
      backend.write(async (tx) => {
        const result = await tx.db
          .deleteFrom('webhook_deliveries')
          .where('state', '!=', 'waiting')
          .where('next_at', '<', before.getTime())
          .executeTakeFirst()
        return Number(result.numDeletedRows)
      }),
  }
}

function delivery(tx: Tx, department: string, endpoint: string, id: string) {
  return tx.db
    .updateTable('webhook_deliveries')
    .where('department', '=', department)
    .where('endpoint', '=', endpoint)
    .where('id', '=', id)
}

async function enqueue(tx: Tx, department: string, deliveries: readonly WebhookDelivery[]) {
  for (const one of deliveries) {
    await tx.db
      .insertInto('webhook_deliveries')
      .values({
        department,
        endpoint: one.endpoint,
        id: one.id,
        event: one.event,
        body: one.body,
        state: one.state,
        attempts: one.attempts,
        next_at: one.nextAt.getTime(),
        last_status: one.lastStatus ?? null,
        created_at: one.createdAt.getTime(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

function progressStore(backend: Backend): ProgressStore {
  return {
    position: (department, source) =>
      backend.read(async (db) => {
        const row = await db
          .selectFrom('webhook_progress')
          .select('position')
          .where('department', '=', department)
          .where('source', '=', source)
          .executeTakeFirst()
        return row?.position
      }),
    advance: (department, source, position) =>
      backend.write(async (tx) => {
        await tx.db
          .updateTable('webhook_progress')
          .set({ position })
          .where('department', '=', department)
          .where('source', '=', source)
          .where('position', '<', position)
          .execute()
      }),
    begin: (department) =>
      backend.write(async (tx) => {
        await tx.db.deleteFrom('webhook_progress').where('department', '=', department).execute()
        const rows: [string, WebhookSource, number][] = [
          [department, 'copies', await counter(tx, 'copies')],
          [department, 'audit', await counter(tx, 'audit')],
          [department, 'batches', await lastFinal(tx, department)],
        ]
        await tx.insert('webhook_progress', rows)
      }),
    changesIn: (department, sequence) =>
      backend.read(async (db) => {
        const rows = await db
          .selectFrom('requests')
          .select(['list', 'idx', 'status'])
          .where('issuer', '=', department)
          .where('sequence', '=', sequence)
          .orderBy('id')
          .execute()
        return rows.map(({ list, idx, status }) => ({
          list,
          index: idx,
          status: status as Status,
        }))
      }),
  }
}

async function counter(tx: Tx, name: string): Promise<number> {
  const row = await tx.db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.value ?? 0
}

async function lastFinal(tx: Tx, issuer: string): Promise<number> {
  const row = await tx.db
    .selectFrom('batches')
    .select('sequence')
    .where('issuer', '=', issuer)
    .where('state', '=', 'final')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence ?? 0
}

function endpointOf(row: Selectable<Tables['webhook_endpoints']>): WebhookEndpoint {
  return {
    id: row.id,
    url: row.url,
    events: row.events === '' ? [] : row.events.split(' '),
    secret: row.secret,
    state: row.state as WebhookEndpoint['state'],
    failingSince: row.failing_since === null ? undefined : new Date(row.failing_since),
    createdAt: new Date(row.created_at),
  }
}

function deliveryOf(row: Selectable<Tables['webhook_deliveries']>): WebhookDelivery {
  return {
    endpoint: row.endpoint,
    id: row.id,
    event: row.event,
    body: row.body,
    state: row.state as WebhookDelivery['state'],
    attempts: row.attempts,
    nextAt: new Date(row.next_at),
    lastStatus: row.last_status ?? undefined,
    createdAt: new Date(row.created_at),
  }
}
