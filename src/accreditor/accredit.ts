import { maximumDepth } from '../accreditation/holds.ts'
import type { AccreditationRight } from '../accreditation/model.ts'
import { typeOnChain } from '../accreditation/typeName.ts'
import { InputError, TrustError } from '../errors.ts'
import type { Accreditor } from './model.ts'
import { note, recordInForce } from './records.ts'

/** What a department shall be allowed. */
export type AccreditationWish = {
  readonly department: string
  /** URI of the certificate type. */
  readonly type: string
  readonly rights: readonly AccreditationRight[]
  /** Undefined: now. */
  readonly from?: Date
  readonly until: Date
}

/**
 * Accredits a department for a type, within this accreditor's own scope, validity and depth.
 *
 * Where it has such a record in force already that lasts as long, nothing is written, so that repeating a
 * call after a crash is harmless.
 *
 * @throws {TrustError} `accreditor/out-of-scope` if this accreditor may not: no record in force with the
 * right to accredit, wider rights, a later end, too deep; `accreditor/unknown-department`.
 * @throws {InputError} `accreditor/bad-wish` without rights, or for a time that is none.
 */
export async function accredit(accreditor: Accreditor, wish: AccreditationWish): Promise<void> {
  const { department, type, rights, from, until } = wish
  const view = await accreditor.chain.view()
  requireWish(wish, view.block.time)
  const record = await view.department(department)
  if (record === undefined || record.removedAt !== undefined) {
    throw new TrustError('accreditor/unknown-department', { department })
  }
  const { address } = accreditor
  const own = await recordInForce(view, address, type, 'accredit')
  const isWithin =
    own !== undefined &&
    department !== address &&
    rights.every((right) => own.rights.includes(right)) &&
    until <= own.until &&
    own.depth < maximumDepth
  if (!isWithin) throw new TrustError('accreditor/out-of-scope', { department, type })
  const same = await recordInForce(view, department, type, rights[0]!)
  const isThere =
    from === undefined &&
    same?.by?.department === address &&
    same.until.getTime() === until.getTime() &&
    rights.every((right) => same.rights.includes(right)) &&
    rights.length === same.rights.length
  if (isThere) return
  await accreditor.registry.write({
    call: 'accredit',
    by: { department: address, index: own.index },
    department,
    certificateType: own.certificateType,
    rights: [...rights],
    from,
    until,
  })
  await note(accreditor, 'accreditor/accredit', department, {
    type,
    rights: rights.join(' '),
    until: until.toISOString(),
  })
}

/**
 * Withdraws all that this accreditor allowed a department for a type. What was anchored before stays good.
 *
 * @param wish `keep`: URI of another type on which the department may go on anchoring.
 * @returns how many records were withdrawn.
 * @throws {InputError} `accreditor/nothing-to-withdraw`
 */
export async function withdraw(
  accreditor: Accreditor,
  wish: { readonly department: string; readonly type: string; readonly keep?: string },
): Promise<number> {
  const { department, type, keep } = wish
  const view = await accreditor.chain.view()
  const certificateType = typeOnChain(type)
  const chains = await view.accreditations(department, certificateType)
  const records = chains
    .flatMap(([record]) => record ?? [])
    .filter(
      (record) =>
        record.by?.department === accreditor.address &&
        record.withdrawnAt === undefined &&
        record.until > view.block.time,
    )
  if (records.length === 0) {
    throw new InputError('accreditor/nothing-to-withdraw', { department, type })
  }
  const kept =
    keep === undefined || keep === type
      ? undefined
      : await recordInForce(view, department, keep, 'issue')
  for (const { index } of records) {
    await accreditor.registry.write({
      call: 'withdraw',
      department,
      certificateType,
      index,
      keep: kept && { certificateType: kept.certificateType, index: kept.index },
    })
    await note(accreditor, 'accreditor/withdraw', department, { type, index })
  }
  return records.length
}

function requireWish({ rights, from, until }: AccreditationWish, now: Date): void {
  const known = rights.every((right) => right === 'issue' || right === 'accredit')
  if (rights.length === 0 || !known || new Set(rights).size < rights.length) {
    throw new InputError('accreditor/bad-wish', { path: 'rights' })
  }
  const start = from ?? now
  const isTime = [start, until].every((time) => !Number.isNaN(time.getTime()))
  if (!isTime || start < now || until <= start) {
    throw new InputError('accreditor/bad-wish', { path: 'until' })
  }
}
