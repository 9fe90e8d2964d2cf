import type { CopyState } from '../ports/certificates.ts'
import { drain } from './drain.ts'
import type { Issuer } from './model.ts'

const pageSize = 500
/** Signed and not final. */
const underWay: readonly CopyState[] = ['durable', 'sent', 'anchored']

/**
 * Anchors until all that these keys signed is final, however much others sign meanwhile.
 *
 * @param thumbprints of keys that sign no more.
 * @throws as `drain`
 */
export async function drainKeys(issuer: Issuer, thumbprints: ReadonlySet<string>): Promise<void> {
  while (await isLeft(issuer, thumbprints)) {
    const batch = new AbortController()
    const { signal } = batch
    await drain(issuer, {
      signal,
      progress: (step) => {
        if (step.did === 'final') batch.abort()
      },
    })
    // Nothing waits any more: another worker anchored the rest.
    if (!signal.aborted) return
  }
}

async function isLeft(issuer: Issuer, thumbprints: ReadonlySet<string>): Promise<boolean> {
  const { address } = issuer.department
  for (const state of underWay) {
    for (let after = 0; ; ) {
      const page = await issuer.certificates.scan(address, after, pageSize, state)
      if (page.some(({ keyThumbprint }) => thumbprints.has(keyThumbprint))) return true
      if (page.length < pageSize) break
      after = page.at(-1)!.id
    }
  }
  return false
}
