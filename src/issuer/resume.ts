import { InputError } from '../errors.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import { renew } from './anew.ts'
import type { IssuedCredential, Issuer } from './model.ts'
import { issuedFrom, signPlans } from './sign.ts'
import { requireStanding } from './standing.ts'

/** Copies that are read and signed together. */
const pageSize = 500

/**
 * Signs what a crash left planned but unsigned: the stored plans, never new ones. Plans of another key
 * than the signer's are drawn up anew under it, since nobody has received them yet. What another process
 * signs meanwhile is left to it.
 *
 * @param before only what was planned before; so that a process leaves alone what others are issuing now.
 * @returns how many copies were signed.
 * @throws as `issue`.
 */
export async function resume(issuer: Issuer, before?: Date): Promise<number> {
  const { address } = issuer.department
  const left = async () => {
    // Signed copies are `reserved` no more, so the first page is always the oldest rest.
    const page = await issuer.certificates.scan(address, 0, pageSize, 'reserved')
    return page.filter(({ plannedAt }) => before === undefined || plannedAt < before)
  }
  if (before !== undefined && (await left()).length === 0) return 0
  await requireStanding(issuer)
  let count = 0
  for (;;) {
    const page = await left()
    if (page.length === 0) return count
    try {
      await signReserved(issuer, page)
      count += page.length
    } catch (error) {
      // Some of them are signed by now, so the next page is another.
      if (!(error instanceof InputError && error.code === 'store/duplicate')) throw error
    }
  }
}

/**
 * Brings stored copies of one chunk to their answer, signing those that are still `reserved`.
 *
 * @returns them in id order, as stored.
 */
export async function finish(
  issuer: Issuer,
  copies: readonly CopyRecord[],
  verifyEvery = false,
): Promise<IssuedCredential[]> {
  const reserved = copies.filter((copy) => copy.state === 'reserved')
  if (reserved.length === 0) return answerOf(copies)
  await signReserved(issuer, reserved, verifyEvery)
  const keys = [...new Set(copies.map((copy) => copy.idempotencyKey))]
  return answerOf(await issuer.certificates.byKeys(issuer.department.address, keys))
}

async function signReserved(
  issuer: Issuer,
  reserved: readonly CopyRecord[],
  verifyEvery = false,
): Promise<void> {
  const { thumbprint } = issuer.signer.key
  const foreign = reserved.filter((copy) => copy.keyThumbprint !== thumbprint)
  await signPlans(
    issuer,
    reserved.filter((copy) => copy.keyThumbprint === thumbprint),
    verifyEvery,
  )
  if (foreign.length > 0) await renew(issuer, foreign)
}

function answerOf(copies: readonly CopyRecord[]): IssuedCredential[] {
  return copies.flatMap((copy) =>
    copy.signature === undefined ? [] : [issuedFrom({ ...copy, signature: copy.signature })],
  )
}
