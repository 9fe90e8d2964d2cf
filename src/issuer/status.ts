import { InputError } from '../errors.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import type { StatusRequest } from '../ports/lists.ts'
import { bytesFromHex, hex } from '../primitives/bytes.ts'
import type { Status } from '../status/model.ts'
import { isAllowed, isFinal, statusIn, wordOf } from '../status/word.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'
import { reach } from './reach.ts'

/** A certificate, by its identifier or by the fingerprint (64 hex digits) of any of its copies. */
export type CertificateName = { readonly certificate: string } | { readonly fingerprint: string }

/** Why a status changes and who answers for it. None of it leaves the department. */
export type Grounds = {
  /** Reason code, 1 to 200 characters; no person's name. */
  readonly reason: string
  /** The provision that allows it, 1 to 200 characters. */
  readonly legalBasis: string
  readonly operator: string
  /** Second person; needed for final moves, and never the operator. */
  readonly approver?: string
}

/** A wish to change a certificate's status. */
export type StatusWish = {
  readonly of: CertificateName
  readonly to: 'valid' | 'suspended' | 'revoked'
  readonly grounds: Grounds
  /** When a suspension is expected to end; needed for `suspended`. */
  readonly expectedEnd?: Date
}

/**
 * Queues a change of status for all copies and formats of a certificate; the next batch carries it.
 *
 * Suspending (`suspended`), resuming (`valid`) and revoking (`revoked`); a certificate ends as
 * superseded through `supersede` only.
 *
 * @returns numbers of the requests, one for each status entry.
 * @throws {InputError} `status/unknown-certificate`, `status/needs-grounds`, `status/needs-approver`,
 * `status/no-successor`, `status/final`, `status/unchanged`; then nothing is queued.
 */
export async function changeStatus(issuer: Issuer, wish: StatusWish): Promise<number[]> {
  const { to, grounds, expectedEnd } = wish
  // A JavaScript caller or a parsed file may say what the type does not allow.
  if ((to as Status) === 'superseded') throw new InputError('status/no-successor')
  if (!['valid', 'suspended', 'revoked'].includes(to)) {
    throw new InputError('status/needs-grounds', { path: 'to' })
  }
  if (to === 'suspended' && !(expectedEnd && expectedEnd > issuer.clock())) {
    throw new InputError('status/needs-grounds', { path: 'expectedEnd' })
  }
  requireGrounds(grounds, isFinal(to))
  const copies = await copiesOf(issuer, wish.of)
  const requests = await requestsFor(issuer, copies, to, grounds)
  await reach(issuer, 'status/checked')
  const ids = await issuer.lists.addRequests(requests)
  await reach(issuer, 'status/queued')
  await note(issuer, `status/${to}`, hex(copies[0]!.fingerprint), {
    reason: grounds.reason,
    legalBasis: grounds.legalBasis,
    operator: grounds.operator,
    approver: grounds.approver ?? '',
    entries: requests.length,
    ...(expectedEnd && { expectedEnd: expectedEnd.toISOString() }),
  })
  return ids
}

/** Whether nothing is left of what a copy says, see `erase`. */
export function isErased(copy: Pick<CopyRecord, 'signingInput'>): boolean {
  return copy.signingInput === ''
}

/** All copies and formats of a certificate. @throws {InputError} `status/unknown-certificate` */
export async function copiesOf(issuer: Issuer, name: CertificateName): Promise<CopyRecord[]> {
  const { address } = issuer.department
  const found =
    'certificate' in name
      ? await issuer.certificates.byCertificates(address, [name.certificate])
      : await issuer.certificates.byFingerprints(address, [bytesFromHex(name.fingerprint, 32)])
  // A number may come again in a later version: the newest certificate is meant.
  const newest = found.at(-1)
  if (newest === undefined) throw new InputError('status/unknown-certificate')
  // An erased copy is known by its fingerprint alone; its formats share the status entry.
  if (isErased(newest)) return found
  return issuer.certificates.byKeys(address, [newest.idempotencyKey])
}

/**
 * One request for each status entry of these copies.
 *
 * @throws {InputError} `status/final` or `status/unchanged` if the entry, with all that waits for it,
 * does not take the change.
 */
export async function requestsFor(
  issuer: Issuer,
  copies: readonly CopyRecord[],
  to: Status,
  grounds: Grounds,
  successor?: string,
): Promise<Omit<StatusRequest, 'id' | 'sequence'>[]> {
  const entries = new Map(copies.map((copy) => [`${copy.list}/${copy.index}`, copy]))
  const requests: Omit<StatusRequest, 'id' | 'sequence'>[] = []
  const { reason, legalBasis, operator, approver } = grounds
  const { address } = issuer.department
  for (const { list, index } of entries.values()) {
    const waiting = await issuer.lists.requestsFor(address, list, index)
    if (successor !== undefined && waiting.some((one) => one.successor === successor)) continue
    const from = await statusNow(issuer, list, index, waiting)
    if (from === to) throw new InputError('status/unchanged', { list, index })
    if (!isAllowed(from, to)) throw new InputError('status/final', { list, index, status: from })
    requests.push({
      issuer: address,
      list,
      index,
      to,
      successor,
      reason,
      legalBasis,
      operator,
      approver,
      requestedAt: issuer.clock(),
    })
  }
  return requests
}

/**
 * Checks who answers for a change.
 *
 * @param final whether it cannot be taken back: then two people are needed.
 * @throws {InputError} `status/needs-grounds` with the `path`, `status/needs-approver`
 */
export function requireGrounds(grounds: Grounds, final: boolean): void {
  for (const path of ['reason', 'legalBasis', 'operator'] as const) {
    if (!isText(grounds?.[path])) throw new InputError('status/needs-grounds', { path })
  }
  const { approver, operator } = grounds
  const isOther = isText(approver) && approver.trim().normalize() !== operator.trim().normalize()
  if ((final || approver !== undefined) && !isOther) throw new InputError('status/needs-approver')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 200
}

/** The entry's status once everything that waits is on the chain. */
async function statusNow(
  issuer: Issuer,
  list: number,
  index: number,
  requests: readonly StatusRequest[],
): Promise<Status> {
  const last = requests.at(-1)
  if (last !== undefined && last.sequence === undefined) return last.to
  const { word, entry } = wordOf(index)
  return statusIn(await issuer.lists.word(issuer.department.address, list, word), entry)
}
