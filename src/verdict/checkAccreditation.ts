import { sha256 } from '#primitives'
import { judgeAccreditation } from '../accreditation/judge.ts'
import { hex } from '../primitives/bytes.ts'
import { bounded } from './bounded.ts'
import { anchoredAt, type Case, fail, pass, unknown } from './case.ts'
import type { Check } from './model.ts'

const names = bounded<string>(10_000)

/** How the chain names a certificate type: SHA-256 of its URI in UTF-8, `0x` and 64 hex digits. */
export function certificateTypeHash(uri: string): string {
  return names.get(uri) ?? names.set(uri, `0x${hex(sha256(uri))}`)
}

/**
 * Whether the issuer was accredited for this type of certificate, through every link to the root, when
 * it was anchored; what is not anchored yet, at the moment asked about.
 */
export function checkAccreditation(theCase: Case): Check {
  const { issuer, presented, facts, policy } = theCase
  const { certificateType } = presented.credential
  if (certificateType === undefined) return unknown('accreditation', 'form/foreign')
  const finding = judgeAccreditation(facts?.accreditations ?? [], {
    department: issuer.department?.address ?? '',
    certificateType: certificateTypeHash(certificateType),
    right: 'issue',
    time: anchoredAt(theCase) ?? policy.at,
  })
  return finding === 'accreditation/holds'
    ? pass('accreditation', finding)
    : fail('accreditation', finding)
}
