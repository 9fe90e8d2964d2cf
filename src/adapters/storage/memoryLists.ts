import { InputError } from '../../errors.ts'
import type { ListIndex, ListStore } from '../../ports/lists.ts'
import { listLength } from './lists.ts'
import type { List, Memory } from './memoryState.ts'
import { refuseIllFormed } from './wellFormed.ts'

/** Status lists in memory. */
export function memoryLists({ lists, fences, requests, batches }: Memory): ListStore & ListIndex {
  const open = (issuer: string): List => {
    const all = lists.get(issuer) ?? []
    lists.set(issuer, all)
    const last = all.at(-1)
    if (last !== undefined && !last.isClosed && last.next < listLength) return last
    const list = Math.max(last === undefined ? 0 : last.list + 1, fences.get(issuer) ?? 0)
    const key = crypto.getRandomValues(new Uint8Array(32))
    const fresh = { list, key, next: 0, isClosed: false }
    all.push(fresh)
    return fresh
  }
  return {
    newestList: async (issuer) => {
      const last = Math.max(lists.get(issuer)?.at(-1)?.list ?? -1, (fences.get(issuer) ?? 0) - 1)
      return last < 0 ? undefined : last
    },
    allocate: async (issuer, count) => {
      if (!Number.isSafeInteger(count) || count < 0) throw new InputError('store/bad-count')
      return Array.from({ length: count }, () => {
        const list = open(issuer)
        list.next += 1
        return { list: list.list, counter: list.next - 1, key: list.key }
      })
    },
    fence: async (issuer, atLeast) => {
      for (const list of lists.get(issuer) ?? []) list.isClosed = true
      fences.set(issuer, Math.max(atLeast, fences.get(issuer) ?? 0))
    },
    addRequests: async (added) => {
      for (const { successor, reason, legalBasis, operator, approver } of added) {
        refuseIllFormed([successor, reason, legalBasis, operator, approver])
      }
      return added.map((request) => {
        const id = requests.length + 1
        requests.push({ ...request, id, sequence: undefined })
        return id
      })
    },
    pendingRequests: async (issuer, limit) =>
      requests
        .filter((request) => request.issuer === issuer && request.sequence === undefined)
        .slice(0, limit),
    word: async (issuer, list, word) =>
      [...batches.values()]
        .filter((batch) => batch.issuer === issuer)
        .sort((a, b) => a.sequence - b.sequence)
        .flatMap(({ changes }) => changes)
        .findLast((change) => change.list === list && change.word === word)?.value ?? 0n,
    requestsFor: async (issuer, list, index) =>
      requests.filter(
        (request) => request.issuer === issuer && request.list === list && request.index === index,
      ),
  }
}
