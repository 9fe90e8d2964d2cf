import { holds } from './holds.ts'
import type { AccreditationChain, AccreditationRight } from './model.ts'

/** What an issuer's records say about one type at one time; `accreditation/holds` alone is good. */
export type AccreditationFinding =
  | 'accreditation/holds'
  | 'accreditation/not-in-force'
  | 'accreditation/not-accredited'

/**
 * Judges whether a department had a right for a certificate type at a time.
 *
 * Records of another department or type count for nothing, whoever returned them.
 *
 * @param certificateType SHA-256 of the type's URI, `0x` and 64 hex digits.
 * @returns `holds` if one chain held in every link, `not-in-force` if there is one with the right that
 * did not, else `not-accredited`.
 */
export function judgeAccreditation(
  chains: readonly AccreditationChain[],
  asked: { department: string; certificateType: string; right: AccreditationRight; time: Date },
): AccreditationFinding {
  const own = chains.filter(
    ([record]) =>
      record?.department === asked.department &&
      record.certificateType === asked.certificateType &&
      record.rights.includes(asked.right),
  )
  if (own.length === 0) return 'accreditation/not-accredited'
  const held = own.some((chain) => holds(chain, asked.time))
  return held ? 'accreditation/holds' : 'accreditation/not-in-force'
}
