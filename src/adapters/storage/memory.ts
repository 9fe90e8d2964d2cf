import { InputError, OutsideError } from '../../errors.ts'
import type {
  AuditStore,
  Batch,
  CertificateStore,
  CopyRecord,
  HeldRecord,
  HolderStore,
  ListStore,
  OutboxStore,
  QueueStore,
  StatusRequest,
} from '../../ports.ts'
import { auditHash, auditText, noHash } from './auditChain.ts'
import { listLength } from './lists.ts'
import type { Store } from './openStore.ts'
import { mayBecome } from './outbox.ts'

type List = { list: number; key: Uint8Array; next: number; isClosed: boolean }

/** Everything one memory store holds. */
type Memory = {
  readonly copies: Map<number, CopyRecord>
  readonly batches: Map<string, Batch>
  readonly requests: StatusRequest[]
  readonly lists: Map<string, List[]>
  readonly fences: Map<string, number>
  readonly held: Map<string, HeldRecord>
  readonly lines: Awaited<ReturnType<AuditStore['scan']>>
  isOpen: boolean
}

/** The stores without a database, for tests: same answers, nothing kept. */
export function memoryStore(): Store {
  const memory: Memory = {
    copies: new Map(),
    batches: new Map(),
    requests: [],
    lists: new Map(),
    fences: new Map(),
    held: new Map(),
    lines: [],
    isOpen: true,
  }
  return {
    certificates: whileOpen(memory, memoryCertificates(memory)),
    queue: whileOpen(memory, memoryQueue(memory)),
    outbox: whileOpen(memory, memoryOutbox(memory)),
    lists: whileOpen(memory, memoryLists(memory)),
    holder: whileOpen(memory, memoryHolder(memory)),
    audit: whileOpen(memory, memoryAudit(memory)),
    check: async () => [],
    backup: async () => {
      throw new InputError('store/no-backup')
    },
    close: async () => {
      memory.isOpen = false
    },
  }
}

/** The same methods, refusing once the store is closed. */
function whileOpen<T extends object>(memory: Memory, store: T): T {
  const guarded = Object.entries(store).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      if (!memory.isOpen) throw new OutsideError('store/unavailable', { reason: 'closed' })
      return method(...args)
    },
  ])
  return Object.fromEntries(guarded) as T
}

function memoryCertificates({ copies }: Memory): CertificateStore {
  const where = (test: (copy: CopyRecord) => boolean) => [...copies.values()].filter(test)
  return {
    plan: async (planned) => {
      const key = (copy: (typeof planned)[number]) =>
        [copy.issuer, copy.idempotencyKey, copy.copy, copy.format].join('\n')
      const taken = new Set(where(() => true).map(key))
      for (const copy of planned) {
        if (taken.has(key(copy))) throw new InputError('store/duplicate', { copy: copy.copy })
        taken.add(key(copy))
      }
      return planned.map((copy) => {
        const id = copies.size + 1
        const rest = { signature: undefined, sequence: undefined, state: 'reserved' } as const
        copies.set(id, { ...copy, id, ...rest })
        return id
      })
    },
    sign: async (signatures) => {
      const ids = new Set(signatures.map(({ id }) => id))
      const isFresh = [...ids].every((id) => copies.get(id)?.state === 'reserved')
      if (!isFresh || ids.size !== signatures.length) throw new InputError('store/duplicate')
      for (const { id, signature } of signatures)
        change(copies, id, { signature, state: 'durable' })
    },
    byKeys: async (issuer, keys) =>
      where((copy) => copy.issuer === issuer && keys.includes(copy.idempotencyKey)),
    byCertificates: async (issuer, certificates) =>
      where((copy) => copy.issuer === issuer && certificates.includes(copy.certificate)),
    byFingerprints: async (issuer, fingerprints) =>
      where(
        (copy) =>
          copy.issuer === issuer &&
          fingerprints.some((one) => Buffer.compare(one, copy.fingerprint) === 0),
      ),
    scan: async (issuer, after, limit, state) =>
      where(
        (copy) =>
          copy.issuer === issuer &&
          copy.id > after &&
          (state === undefined || copy.state === state),
      ).slice(0, limit),
  }
}

function memoryQueue({ copies }: Memory): QueueStore {
  return {
    waiting: async (issuer, after, limit) =>
      [...copies.values()]
        .filter(({ id, ...copy }) => copy.issuer === issuer && id > after && isWaiting(copy))
        .slice(0, limit)
        .map(queued),
    members: async (issuer, sequence) =>
      [...copies.values()]
        .filter((copy) => copy.issuer === issuer && copy.sequence === sequence)
        .map(queued),
    setRefused: async (ids, refused) => {
      for (const id of ids) {
        const copy = copies.get(id)
        if (refused && copy !== undefined && isWaiting(copy))
          change(copies, id, { state: 'refused' })
        if (!refused && copy?.state === 'refused') change(copies, id, { state: 'durable' })
      }
    },
    replan: async (plans) => {
      for (const { id } of plans) {
        const copy = copies.get(id)
        if (copy === undefined || copy.sequence !== undefined)
          throw new InputError('store/duplicate')
      }
      for (const plan of plans) {
        change(copies, plan.id, { ...plan, signature: undefined, state: 'reserved' })
      }
    },
  }
}

function memoryOutbox({ copies, batches, requests }: Memory): OutboxStore {
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
      put({ ...batch, state })
      const copyState = state === 'built' ? 'durable' : state
      for (const { id } of members(batch)) change(copies, id, { state: copyState })
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

function memoryLists({ lists, fences, requests, batches }: Memory): ListStore {
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
    addRequests: async (added) =>
      added.map((request) => {
        const id = requests.length + 1
        requests.push({ ...request, id, sequence: undefined })
        return id
      }),
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

function memoryHolder({ held }: Memory): HolderStore {
  return {
    put: async (record) => void held.set(record.id, record),
    get: async (id) => held.get(id),
    list: async () =>
      [...held.values()].sort(
        (a, b) => Number(a.receivedAt) - Number(b.receivedAt) || (a.id < b.id ? -1 : 1),
      ),
    remove: async (id) => void held.delete(id),
  }
}

function memoryAudit({ lines }: Memory): AuditStore {
  return {
    append: async (entries) => {
      for (const entry of entries) {
        const hash = auditHash(lines.at(-1)?.hash ?? noHash, auditText(entry))
        lines.push({ id: lines.length + 1, hash, entry })
      }
    },
    scan: async (after, limit) => lines.slice(after, after + limit),
  }
}

function isWaiting(copy: Pick<CopyRecord, 'state' | 'sequence'> | undefined): boolean {
  return copy?.state === 'durable' && copy.sequence === undefined
}

function change(copies: Memory['copies'], id: number, part: Partial<CopyRecord>): void {
  const copy = copies.get(id)
  if (copy !== undefined) copies.set(id, { ...copy, ...part })
}

function setSequence(requests: StatusRequest[], id: number, sequence: number | undefined): void {
  const request = requests[id - 1]
  if (request !== undefined) requests[id - 1] = { ...request, sequence }
}

function queued(copy: CopyRecord) {
  const { id, idempotencyKey, certificateType, keyThumbprint, fingerprint, replaces } = copy
  return { id, idempotencyKey, certificateType, keyThumbprint, fingerprint, replaces }
}
