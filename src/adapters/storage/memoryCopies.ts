import { InputError } from '../../errors.ts'
import type { CertificateStore, CopyRecord, ErasureStore } from '../../ports/certificates.ts'
import type { QueuedCopy, QueueStore } from '../../ports/outbox.ts'
import { equalBytes } from '../../primitives/bytes.ts'
import { change, isWaiting, type Memory } from './memoryState.ts'
import { refuseIllFormed } from './wellFormed.ts'

/** Copies in memory. */
export function memoryCertificates({ copies }: Memory): CertificateStore {
  const where = (test: (copy: CopyRecord) => boolean) => [...copies.values()].filter(test)
  return {
    plan: async (planned) => {
      refuseIllFormed(planned.flatMap((copy) => [copy.idempotencyKey, copy.certificate]))
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
      const isFresh = signatures.every(({ id, fingerprint }) => {
        const copy = copies.get(id)
        const isSame = !fingerprint || (copy && equalBytes(fingerprint, copy.fingerprint))
        return copy?.state === 'reserved' && isSame
      })
      if (!isFresh || ids.size !== signatures.length) throw new InputError('store/duplicate')
      for (const { id, signature } of signatures)
        change(copies, id, { signature, state: 'durable' })
    },
    byKeys: async (issuer, keys) =>
      where(
        ({ idempotencyKey: key, ...copy }) =>
          copy.issuer === issuer && key !== '' && keys.includes(key),
      ),
    byCertificates: async (issuer, certificates) =>
      where(
        ({ certificate, ...copy }) =>
          copy.issuer === issuer && certificate !== '' && certificates.includes(certificate),
      ),
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

/** Copies in memory on their way into a batch. */
export function memoryQueue({ copies }: Memory): QueueStore {
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
      for (const { id, was } of plans) {
        const copy = copies.get(id)
        if (copy === undefined || copy.sequence !== undefined || isOther(copy, was)) {
          throw new InputError('store/duplicate')
        }
      }
      for (const { was: _, ...plan } of plans) {
        change(copies, plan.id, { ...plan, signature: undefined, state: 'reserved' })
      }
    },
  }
}

function isOther({ fingerprint }: CopyRecord, was: Uint8Array | undefined): boolean {
  return was !== undefined && !equalBytes(was, fingerprint)
}

/** Forgets what copies in memory say. */
export function memoryErasure({ copies, requests }: Memory): ErasureStore {
  return {
    erase: async (issuer, ids) => {
      const found = ids.map((id) => copies.get(id))
      const isFinal = found.every((copy) => copy?.issuer === issuer && copy.state === 'final')
      if (!isFinal) throw new InputError('store/wrong-state')
      const keys = new Set(found.map((copy) => copy?.idempotencyKey))
      for (const [at, request] of requests.entries()) {
        if (request.issuer !== issuer || request.successor === undefined) continue
        if (keys.has(request.successor)) requests[at] = { ...request, successor: 'erased' }
      }
      const nothing = { idempotencyKey: '', requestHash: '', certificate: '', signingInput: '' }
      for (const id of ids) {
        change(copies, id, { ...nothing, disclosures: [], signature: undefined })
      }
    },
  }
}

function queued(copy: CopyRecord): QueuedCopy {
  const { id, idempotencyKey, certificateType, keyThumbprint, fingerprint, replaces } = copy
  return { id, idempotencyKey, certificateType, keyThumbprint, fingerprint, replaces }
}
