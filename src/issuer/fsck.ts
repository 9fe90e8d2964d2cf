import { checkBatches } from './checkBatches.ts'
import { checkCredentials } from './checkCredentials.ts'
import { type Finding, type FsckEvent, finding } from './findings.ts'
import type { Issuer } from './model.ts'

/**
 * Reads everything again and compares: leaves with roots, roots with the chain, copies with their
 * batches, payloads with fingerprints, signatures with keys, and statuses with the chain. Nothing is
 * changed; what is on its way is not wrong.
 *
 * @returns progress, and every wrong row in order.
 * @throws {OutsideError} from the store or the chain.
 */
export async function* fsck(issuer: Issuer): AsyncGenerator<FsckEvent, void, undefined> {
  const view = await issuer.chain.view()
  const words = new Map<string, bigint>()
  yield* checkBatches(issuer, view, words)
  yield* checkCredentials(issuer, view, words)
  let done = 0
  for (const [name, value] of words) {
    const [list, word] = name.split('/').map(Number)
    const shown = await view.statusWord(issuer.department.address, list!, word!)
    if (shown !== value) yield finding('statuses', name, 'fsck/wrong-status')
    done += 1
    if (done % 256 === 0) yield { kind: 'progress', stage: 'statuses', done }
  }
  yield { kind: 'progress', stage: 'statuses', done }
}

/** The first wrong row, undefined if there is none. */
export async function firstFinding(issuer: Issuer): Promise<Finding | undefined> {
  for await (const event of fsck(issuer)) if (event.kind === 'finding') return event
  return undefined
}
