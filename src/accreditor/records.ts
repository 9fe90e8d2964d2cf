import { holds } from '../accreditation/holds.ts'
import type { AccreditationRecord, AccreditationRight } from '../accreditation/model.ts'
import { typeOnChain } from '../accreditation/typeName.ts'
import { type Detail, TrustError } from '../errors.ts'
import type { DepartmentRecord } from '../identity/model.ts'
import type { ChainView } from '../ports/chain.ts'
import type { Accreditor } from './model.ts'

/**
 * A department's record for a type that is in force and has a right; the one that lasts longest.
 *
 * @param type the type's URI.
 */
export async function recordInForce(
  view: ChainView,
  department: string,
  type: string,
  right: AccreditationRight,
): Promise<AccreditationRecord | undefined> {
  const certificateType = typeOnChain(type)
  const chains = await view.accreditations(department, certificateType)
  return chains
    .filter((chain) => holds(chain, view.block.time))
    .flatMap(([record]) => record ?? [])
    .filter((record) => record.department === department && record.rights.includes(right))
    .filter((record) => record.certificateType === certificateType)
    .sort((a, b) => b.until.getTime() - a.until.getTime())[0]
}

/**
 * A department that this accreditor answers for.
 *
 * @throws {TrustError} `accreditor/unknown-department`; `accreditor/not-ours` if another accredits it.
 */
export async function ownDepartment(
  accreditor: Accreditor,
  view: ChainView,
  department: string,
): Promise<DepartmentRecord> {
  const record = await view.department(department)
  if (record === undefined || record.removedAt !== undefined) {
    throw new TrustError('accreditor/unknown-department', { department })
  }
  if (record.accreditor !== accreditor.address) {
    throw new TrustError('accreditor/not-ours', { department })
  }
  return record
}

/** Writes one line to the audit log. */
export async function note(
  accreditor: Accreditor,
  action: string,
  subject: string,
  detail: Detail = {},
): Promise<void> {
  const { audit, clock, actor = 'accreditor' } = accreditor
  await audit.append([{ at: clock(), actor, action, subject, detail }])
}
