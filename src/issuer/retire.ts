import { OutsideError } from '../errors.ts'
import type { CopyState } from '../ports/certificates.ts'
import { type DrainOptions, drain } from './drain.ts'
import type { Issuer } from './model.ts'
import { resume } from './resume.ts'

const unfinished: readonly CopyState[] = ['reserved', 'durable', 'sent', 'anchored']

/**
 * Brings everything that a key signed to its final block, so that retiring the key makes nothing of it
 * worthless. The department has stopped signing with the key: `issuer` signs with the next one.
 *
 * @param thumbprint of the key to be retired.
 * @throws {OutsideError} `issue/not-drained` if something of it is not final; those of `drain`.
 * @see DESIGN, key at the time: rotation is ordered
 */
export async function beforeRetire(
  issuer: Issuer,
  thumbprint: string,
  options: DrainOptions = {},
): Promise<void> {
  await resume(issuer)
  await drain(issuer, options)
  for (const state of unfinished) {
    let after = 0
    for (;;) {
      const page = await issuer.certificates.scan(issuer.department.address, after, 500, state)
      if (page.length === 0) break
      after = page.at(-1)!.id
      if (page.some((copy) => copy.keyThumbprint === thumbprint)) {
        throw new OutsideError('issue/not-drained', { thumbprint, state })
      }
    }
  }
}
