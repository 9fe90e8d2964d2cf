import type { JsonObject } from '../credential/model.ts'
import { isWeirError, OutsideError, TrustError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Integrity } from '../ports/integrity.ts'
import { type ForeignLists, readForeignStatus } from '../verifier/foreignStatus.ts'
import { keyInDid } from './key.ts'
import type { ForeignStatusReader } from './model.ts'

/**
 * Reads one status entry of another issuer. What cannot be read is not good: the credential may have been
 * revoked.
 *
 * @throws {InputError} `status/...`
 * @throws {TrustError} `vcapi/status-not-read` where nobody serves the list, `status/...`, `signature/...`
 */
export function foreignStatusReader(
  lists: Pick<ForeignLists, 'fetch' | 'inflate'>,
  integrity: Integrity,
  now: Clock,
): ForeignStatusReader {
  const whole: ForeignLists = {
    ...lists,
    keysOf: async (issuer, kid) => {
      const isOwn = kid === undefined || kid.startsWith(`${issuer}#`)
      const key = isOwn ? await keyInDid(kid ?? issuer) : undefined
      return key === undefined ? [] : [key]
    },
    checkProof: async (document, issuer) => {
      const at = now()
      const signers = await integrity.verify(document, { purpose: 'assertionMethod', at })
      if (!signers.includes(issuer)) throw new TrustError('integrity/other-signer')
    },
  }
  return async (named: JsonObject, issuer: string) => {
    try {
      const [read] = await readForeignStatus(whole, { issuer, payload: named }, now())
      return read === undefined || read.state === 'other' ? 'valid' : read.state
    } catch (error) {
      const isOpen = error instanceof OutsideError || isNotAsked(error)
      throw isOpen ? new TrustError('vcapi/status-not-read', { cause: error }) : error
    }
  }
}

function isNotAsked(error: unknown): boolean {
  return isWeirError(error) && error.code === 'fetch/bad-address'
}
