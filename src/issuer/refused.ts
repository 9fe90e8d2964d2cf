import type { CopyRecord } from '../ports/certificates.ts'
import type { Issuer } from './model.ts'
import { note } from './note.ts'
import { standingAt } from './standing.ts'

/** Most copies that are listed or taken back in one call. */
const limit = 1_000

/** Copies that were set aside because their type had lost its accreditation, oldest first, at most 1,000. */
export async function refusedCopies(issuer: Issuer): Promise<CopyRecord[]> {
  return issuer.certificates.scan(issuer.department.address, 0, limit, 'refused')
}

/**
 * Takes copies back that were set aside, where their type is accredited again; the next batch carries
 * them.
 *
 * @returns how many.
 */
export async function takeBack(issuer: Issuer): Promise<number> {
  const standing = standingAt(issuer, await issuer.chain.view())
  const { address } = issuer.department
  let count = 0
  let after = 0
  for (;;) {
    const page = await issuer.certificates.scan(address, after, limit, 'refused')
    if (page.length === 0) break
    after = page.at(-1)!.id
    const ids: number[] = []
    for (const copy of page) if (await standing.mayIssue(copy.certificateType)) ids.push(copy.id)
    if (ids.length > 0) await issuer.queue.setRefused(ids, false)
    count += ids.length
  }
  if (count > 0) await note(issuer, 'anchor/taken-back', address, { count })
  return count
}
