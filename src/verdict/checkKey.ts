import { judgeKey } from '../identity/keys.ts'
import { anchoredAt, type Case, fail, pass } from './case.ts'
import type { Check } from './model.ts'

/**
 * Whether the key that signed was the issuer's own for certificates when they were anchored. With
 * `x5c` the certificate must be the registered one, and valid then too. What is not anchored is judged
 * at the moment asked about: a retired key signs nothing new.
 */
export function checkKey(theCase: Case): Check {
  const { issuer, key, facts, policy } = theCase
  const record = facts?.key
  if (record === undefined || record.thumbprint !== key?.thumbprint) {
    return fail('key', 'key/not-registered')
  }
  if (record.department !== issuer.department?.address) return fail('key', 'key/other-department')
  if (record.purpose !== 'assertion') return fail('key', 'key/wrong-purpose')
  const time = anchoredAt(theCase) ?? policy.at
  const refusal = judgeKey(record, time)
  if (refusal !== undefined) return fail('key', refusal)
  const { leaf } = issuer
  if (leaf !== undefined) {
    if (leaf.certificateHash !== record.certificateHash) {
      return fail('key', 'key/other-certificate')
    }
    if (!(leaf.notBefore <= time && time <= leaf.notAfter)) {
      return fail('key', 'key/certificate-expired')
    }
  }
  return pass('key', 'key/counted')
}
