import type { WebhookDelivery, WebhookEndpoint, WebhookStore } from '../../ports/webhooks.ts'
import type { Memory } from './memoryState.ts'

/** Endpoints, outbox and progress of webhooks without a database. */
export function memoryWebhooks({ copies, lines, batches, requests }: Memory): WebhookStore {
  const endpoints = new Map<string, [department: string, WebhookEndpoint]>()
  const deliveries = new Map<string, [department: string, WebhookDelivery]>()
  const progress = new Map<string, number>()
  const placeOf = (...parts: readonly string[]) => JSON.stringify(parts)
  const of = <T>(map: Map<string, [string, T]>, department: string): T[] =>
    [...map.values()].filter(([owner]) => owner === department).map(([, value]) => value)
  const put = (department: string, one: WebhookDelivery) =>
    void deliveries.set(placeOf(department, one.endpoint, one.id), [department, one])
  const waiting = (department: string, endpoint: string) =>
    of(deliveries, department).filter((one) => one.endpoint === endpoint && one.state === 'waiting')
  return {
    putEndpoint: async (department, endpoint) =>
      void endpoints.set(placeOf(department, endpoint.id), [department, endpoint]),
    endpoints: async (department) =>
      of(endpoints, department).sort(
        (a, b) => Number(a.createdAt) - Number(b.createdAt) || (a.id < b.id ? -1 : 1),
      ),
    removeEndpoint: async (department, id) => {
      for (const one of of(deliveries, department)) {
        if (one.endpoint === id) deliveries.delete(placeOf(department, id, one.id))
      }
      return endpoints.delete(placeOf(department, id))
    },
    enqueue: async (department, added) => {
      for (const one of added) {
        if (!deliveries.has(placeOf(department, one.endpoint, one.id))) put(department, one)
      }
    },
    claim: async (department, endpoint, now, until, limit) => {
      const due = waiting(department, endpoint)
        .filter(({ nextAt }) => nextAt <= now)
        .sort(
          (a, b) =>
            Number(a.nextAt) - Number(b.nextAt) ||
            Number(a.createdAt) - Number(b.createdAt) ||
            (a.id < b.id ? -1 : 1),
        )
        .slice(0, limit)
      for (const one of due) put(department, { ...one, nextAt: until })
      return due
    },
    reschedule: async (department, endpoint, at) => {
      for (const one of waiting(department, endpoint)) put(department, { ...one, nextAt: at })
    },
    settle: async (department, { endpoint, id, state, attempts, nextAt, lastStatus }) => {
      const known = deliveries.get(placeOf(department, endpoint, id))?.[1]
      if (known) put(department, { ...known, state, attempts, nextAt, lastStatus })
    },
    recent: async (department, endpoint, limit) =>
      of(deliveries, department)
        .filter((one) => one.endpoint === endpoint)
        .sort((a, b) => Number(b.createdAt) - Number(a.createdAt) || (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    purgeDeliveries: async (before) => {
      let count = 0
      for (const [place, [, { state, nextAt }]] of deliveries) {
        if (state !== 'waiting' && nextAt < before && deliveries.delete(place)) count += 1
      }
      return count
    },
    position: async (department, source) => progress.get(placeOf(department, source)),
    advance: async (department, source, position) => {
      const place = placeOf(department, source)
      const known = progress.get(place)
      if (known !== undefined && known < position) progress.set(place, position)
    },
    begin: async (department) => {
      const final = [...batches.values()].filter(
        ({ issuer, state }) => issuer === department && state === 'final',
      )
      progress.set(placeOf(department, 'copies'), Math.max(0, ...copies.keys()))
      progress.set(placeOf(department, 'audit'), lines.length)
      const last = Math.max(0, ...final.map(({ sequence }) => sequence))
      progress.set(placeOf(department, 'batches'), last)
    },
    changesIn: async (department, sequence) =>
      requests
        .filter((request) => request.issuer === department && request.sequence === sequence)
        .map(({ list, index, to }) => ({ list, index, status: to })),
  }
}
