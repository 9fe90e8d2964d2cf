import { InputError } from '../../errors.ts'
import type { StatusRequest } from '../../ports/lists.ts'
import type { Batch, OutboxStore } from '../../ports/outbox.ts'
import { change, isWaiting, type Memory } from './memoryState.ts'
import { mayBecome } from './outbox.ts'

/** Batches in memory. */
export function memoryOutbox({ copies, batches, requests }: Memory): OutboxStore {
  const known = (issuer: string, sequence: number) => {
    const batch = batches.get(`${issuer}\n${sequence}`)
    if (batch === undefined) throw new InputError('store/not-found', { sequence })
    return batch
  }
  const put = (batch: Batch) => batches.set(`${batch.issuer}\n${batch.sequence}`, batch)
  const members = (batch: Batch) =>
    [...copies.values()].filter(
      (copy) => copy.issuer === batch.issuer && copy.sequence === batch.sequence,
    )
  const refuse = ({ sequence, state }: Batch) => {
    throw new InputError('store/wrong-state', { sequence, state })
  }
  return {
    addBatch: async (batch, ids, requestIds) => {
      const { issuer, sequence } = batch
      const isFree =
        !batches.has(`${issuer}\n${sequence}`) &&
        ids.every((id) => isWaiting(copies.get(id)) && copies.get(id)?.issuer === issuer) &&
        requestIds.every((id) => requests[id - 1]?.issuer === issuer) &&
        requestIds.every((id) => requests[id - 1]?.sequence === undefined)
      if (!isFree) throw new InputError('store/duplicate', { sequence })
      put(batch)
      const state = batch.state === 'built' ? 'durable' : batch.state
      for (const id of ids) change(copies, id, { sequence, state })
      for (const id of requestIds) setSequence(requests, id, sequence)
    },
    setTransaction: async (issuer, sequence, transaction) => {
      const batch = known(issuer, sequence)
      if (batch.state !== 'built' && batch.state !== 'sent') refuse(batch)
      put({ ...batch, transaction })
    },
    setState: async (issuer, sequence, state) => {
      const batch = known(issuer, sequence)
      if (!mayBecome(batch.state, state)) refuse(batch)
      if (batch.state === state) return false
      put({ ...batch, state })
      const copyState = state === 'built' ? 'durable' : state
      for (const { id } of members(batch)) change(copies, id, { state: copyState })
      return true
    },
    batches: async (issuer, states, limit) =>
      [...batches.values()]
        .filter((batch) => batch.issuer === issuer && states.includes(batch.state))
        .sort((a, b) => a.sequence - b.sequence)
        .slice(0, limit),
    batch: async (issuer, sequence) => batches.get(`${issuer}\n${sequence}`),
    dropBatch: async (issuer, sequence) => {
      const batch = known(issuer, sequence)
      if (batch.state !== 'built' && batch.state !== 'sent') refuse(batch)
      for (const { id } of members(batch)) {
        change(copies, id, { sequence: undefined, state: 'durable' })
      }
      for (const request of requests) {
        if (request.issuer !== issuer || request.sequence !== sequence) continue
        setSequence(requests, request.id, undefined)
      }
      batches.delete(`${issuer}\n${sequence}`)
    },
  }
}

function setSequence(requests: StatusRequest[], id: number, sequence: number | undefined): void {
  const request = requests[id - 1]
  if (request !== undefined) requests[id - 1] = { ...request, sequence }
}
