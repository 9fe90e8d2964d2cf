import type { Code } from '../errors.ts'
import type { KeyRecord } from './model.ts'

/**
 * Whether a key counted at the block that anchored what it signed. Windows and the anchor are block
 * times: equal times may be the same block, where the order is in doubt, and doubt refuses.
 *
 * @param key the key's window as it stands now; windows only ever grow stricter.
 * @param anchorTime time of the anchoring block.
 * @returns undefined if it counted, else the gravest reason.
 */
export function judgeKey(
  key: KeyRecord,
  anchorTime: Date,
): Extract<Code, 'key/compromised' | 'key/retired' | 'key/not-yet-valid'> | undefined {
  if (reached(key.compromisedSince, anchorTime)) return 'key/compromised'
  if (reached(key.retiredAt, anchorTime)) return 'key/retired'
  // Written so that an invalid date refuses too.
  return key.validFrom < anchorTime ? undefined : 'key/not-yet-valid'
}

function reached(end: Date | undefined, time: Date): boolean {
  return end !== undefined && !(time < end)
}
