import type { StatusRequest } from '../ports/lists.ts'
import type { QueuedCopy } from '../ports/outbox.ts'
import type { StatusChange } from '../status/model.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'
import type { Standing } from './standing.ts'
import { type Unit, wordsOf } from './words.ts'

/** What the next batch will carry. */
export type Selection = {
  readonly members: readonly QueuedCopy[]
  readonly requests: readonly StatusRequest[]
  readonly changes: readonly StatusChange[]
  /** Whether copies wait whose key was retired or compromised: they must be signed anew first. */
  readonly needSigning: boolean
}

/** How many requests are looked at for one batch. */
const requestWindow = 10_000

/**
 * Takes durable copies oldest first. A copy that replaces another goes only together with the requests
 * that end the other, and such requests only together with all copies of their successor. Copies of a
 * type that lost its accreditation are set aside.
 *
 * @param limit most members; successors may go beyond it.
 */
export async function select(
  issuer: Issuer,
  standing: Standing,
  limit: number,
): Promise<Selection> {
  const { address } = issuer.department
  const units = unitsOf(await issuer.lists.pendingRequests(address, requestWindow))
  const named = units.flatMap(([request]) => request?.successor ?? [])
  const successors = await readySuccessors(issuer, standing, named)
  const ready = units.filter(
    ([request]) => request?.successor === undefined || successors.has(request.successor),
  )
  const { changes, carried } = await wordsOf(issuer.lists, address, ready)
  const requests = carried.flat()
  const members = [...new Set(requests.flatMap((request) => request.successor ?? []))].flatMap(
    (key) => successors.get(key) ?? [],
  )
  let needSigning = false
  let after = 0
  while (members.length < limit) {
    const page = await issuer.queue.waiting(address, after, limit)
    if (page.length === 0) break
    after = page.at(-1)!.id
    const { good, stale } = await sort(issuer, standing, page)
    needSigning ||= stale.length > 0
    const free = good.filter((copy) => copy.replaces === undefined)
    members.push(...free.slice(0, limit - members.length))
  }
  return { members, requests, changes, needSigning }
}

/**
 * Groups requests that go together. Of two for one entry the later waits for the next batch, so that
 * the chain shows every state; and with it all that go together with it.
 */
function unitsOf(requests: readonly StatusRequest[]): Unit[] {
  const units = new Map<string, StatusRequest[]>()
  for (const request of requests) {
    const name = request.successor === undefined ? `id ${request.id}` : `key ${request.successor}`
    units.set(name, [...(units.get(name) ?? []), request])
  }
  const taken = new Set<string>()
  return [...units.values()].filter((unit) => {
    const entries = unit.map((request) => `${request.list}/${request.index}`)
    const isFree = entries.every((entry) => !taken.has(entry))
    for (const entry of entries) taken.add(entry)
    return isFree
  })
}

async function readySuccessors(
  issuer: Issuer,
  standing: Standing,
  keys: readonly string[],
): Promise<Map<string, QueuedCopy[]>> {
  const ready = new Map<string, QueuedCopy[]>()
  if (keys.length === 0) return ready
  const found = await issuer.certificates.byKeys(issuer.department.address, keys)
  for (const key of keys) {
    const copies = found.filter((copy) => copy.idempotencyKey === key)
    const durable = copies.filter((copy) => copy.state === 'durable' && copy.sequence === undefined)
    if (copies.length === 0 || durable.length < copies.length) continue
    const { good } = await sort(issuer, standing, durable)
    if (good.length === copies.length) ready.set(key, good)
  }
  return ready
}

/** Good copies, and those that must be signed anew; copies without accreditation are set aside. */
async function sort<Copy extends QueuedCopy>(
  issuer: Issuer,
  standing: Standing,
  copies: readonly Copy[],
): Promise<{ good: Copy[]; stale: Copy[] }> {
  const types = new Set(copies.map((copy) => copy.certificateType))
  const keys = new Set(copies.map((copy) => copy.keyThumbprint))
  for (const type of types) if (!(await standing.mayIssue(type))) types.delete(type)
  for (const key of keys) if (!(await standing.isKeyGood(key))) keys.delete(key)
  const refused = copies.filter((copy) => !types.has(copy.certificateType))
  const allowed = copies.filter((copy) => types.has(copy.certificateType))
  if (refused.length > 0) {
    const ids = refused.map((copy) => copy.id)
    await issuer.queue.setRefused(ids, true)
    for (const type of new Set(refused.map((copy) => copy.certificateType))) {
      await note(issuer, 'anchor/refused', type, { count: refused.length })
    }
  }
  return {
    good: allowed.filter((copy) => keys.has(copy.keyThumbprint)),
    stale: allowed.filter((copy) => !keys.has(copy.keyThumbprint)),
  }
}
