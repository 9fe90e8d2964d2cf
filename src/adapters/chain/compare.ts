import { linkOf } from '../../anchor/link.ts'
import type { Fold } from './fold.ts'
import type { Reader } from './reader.ts'
import { accreditationOf, departmentOf, keyOf } from './records.ts'
import { warmView } from './warmView.ts'

/** One thing on which events and storage of the contracts disagree. */
export type Difference = {
  readonly what: 'department' | 'key' | 'accreditations' | 'anchors' | 'status'
  /** Address, thumbprint, or `issuer/list/word`. */
  readonly subject: string
}

/**
 * Reads everything that a fold knows from storage at the fold's head, and compares.
 *
 * @param readWord a status word from storage by `issuer/list/word`: there may be very many.
 * @throws {OutsideError} as the readers.
 */
export async function differences(
  fold: Fold,
  read: Reader,
  readWord: (name: string) => Promise<bigint>,
): Promise<Difference[]> {
  const view = warmView(fold, fold.head!)
  const checks: Promise<Difference | undefined>[] = []
  const check = (what: Difference['what'], subject: string, both: [unknown, unknown]) => {
    return same(...both) ? undefined : { what, subject }
  }
  for (const address of fold.departments.keys()) {
    checks.push(
      Promise.all([
        view.department(address),
        read('departmentRegistry', 'departmentOf', [address]),
      ]).then(([ours, [struct]]) =>
        check('department', address, [ours, departmentOf(address, struct)]),
      ),
    )
  }
  for (const thumbprint of fold.keys.keys()) {
    checks.push(
      readKey(read, thumbprint).then(async (theirs) =>
        check('key', thumbprint, [await view.key(thumbprint), theirs]),
      ),
    )
  }
  for (const [name, versions] of fold.accreditations) {
    const [department, type] = name.split('/') as [string, string]
    const ours = (versions.at(-1)?.value ?? []).map((record) => ({
      ...record,
      removedAt: undefined,
    }))
    checks.push(
      readRecords(read, department, type).then((theirs) =>
        check('accreditations', name, [ours, theirs]),
      ),
    )
  }
  for (const [issuer, records] of fold.anchors) {
    const last = records.at(-1)
    if (last === undefined) continue
    checks.push(
      read('anchorRegistry', 'last', [issuer]).then(([sequence, link]) =>
        check('anchors', issuer, [
          [last.sequence, linkOf(last)],
          [Number(sequence), String(link).toLowerCase()],
        ]),
      ),
    )
  }
  for (const [name, versions] of fold.words) {
    checks.push(
      readWord(name).then((value) => check('status', name, [versions.at(-1)?.value, value])),
    )
  }
  return (await Promise.all(checks)).filter((found) => found !== undefined)
}

async function readKey(read: Reader, thumbprint: string) {
  const [struct] = await read('departmentRegistry', 'keyOf', [thumbprint])
  const args = [struct.department, struct.epoch]
  const [recoveredAt] = await read('departmentRegistry', 'recoveredAt', args)
  return keyOf(thumbprint, struct, recoveredAt)
}

async function readRecords(read: Reader, department: string, certificateType: string) {
  const args = [department, certificateType]
  const [count] = await read('departmentRegistry', 'accreditationCount', args)
  const indexes = Array.from({ length: Number(count) }, (_, index) => index)
  return Promise.all(
    indexes.map(async (index) => {
      const [struct] = await read('departmentRegistry', 'accreditationOf', [...args, index])
      return accreditationOf({ department, certificateType, index }, struct, undefined)
    }),
  )
}

/** Records are plain: members in any order, dates by their time. */
function same(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): string =>
    JSON.stringify(value, (_, member) => {
      if (typeof member === 'bigint') return String(member)
      if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
      return Object.fromEntries(Object.entries(member).sort(([x], [y]) => (x < y ? -1 : 1)))
    })
  return plain(a) === plain(b)
}
