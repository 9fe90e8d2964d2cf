import { maximumDepth } from '../../accreditation/holds.ts'
import type { AccreditationChain, AccreditationRecord } from '../../accreditation/model.ts'
import { linkOf, zeroLink } from '../../anchor/link.ts'
import type { BlockRef } from '../../identity/model.ts'
import type { ChainView } from '../../ports/chain.ts'
import type { Fold } from './fold.ts'
import { earlier } from './records.ts'
import { versionAt } from './versions.ts'

/**
 * What a fold says about the contracts at one block at or below its head. Nothing is asked of a node.
 * The fold must not be taken back below the block while the view is in use.
 */
export function warmView(fold: Fold, block: BlockRef): ChainView {
  const { number } = block
  const record = (department: string, type: string, index: number) => {
    const found = versionAt(fold.accreditations, `${department}/${type}`, number)?.[index]
    const removedAt = versionAt(fold.departments, department, number)?.removedAt
    return found && { ...found, removedAt }
  }
  return {
    block,
    async department(address) {
      return versionAt(fold.departments, address, number)
    },
    async key(thumbprint) {
      const folded = versionAt(fold.keys, thumbprint, number)
      if (folded === undefined) return undefined
      const { epoch, ...key } = folded
      const recovered = versionAt(fold.recoveries, `${key.department}/${epoch}`, number)
      return { ...key, retiredAt: earlier(key.retiredAt, recovered) }
    },
    async accreditations(department, type) {
      const own = versionAt(fold.accreditations, `${department}/${type}`, number) ?? []
      return own.map(({ index }) => upwards(record, record(department, type, index)!))
    },
    async lastAnchor(issuer) {
      const last = fold.anchors.get(issuer)?.findLast((anchor) => anchor.block <= number)
      return last === undefined
        ? { sequence: 0, link: zeroLink }
        : { sequence: last.sequence, link: linkOf(last) }
    },
    async anchor(issuer, sequence) {
      const found = fold.anchors.get(issuer)?.[sequence - 1]
      return found !== undefined && found.block <= number ? found : undefined
    },
    async statusWord(issuer, list, word) {
      return versionAt(fold.words, `${issuer}/${list}/${word}`, number) ?? 0n
    },
  }
}

function upwards(
  record: (department: string, type: string, index: number) => AccreditationRecord | undefined,
  own: AccreditationRecord,
): AccreditationChain {
  const chain = [own]
  let last: AccreditationRecord | undefined = own
  while (last?.by !== undefined && chain.length <= maximumDepth) {
    last = record(last.by.department, last.certificateType, last.by.index)
    if (last !== undefined) chain.push(last)
  }
  return chain
}
