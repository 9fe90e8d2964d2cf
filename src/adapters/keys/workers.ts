import type { PreparedCredential } from '../../credential/model.ts'
import type { Workers } from '../../ports/signing.ts'
import { chunksOf, type Pool } from './pool.ts'
import { type Prepared, perform } from './task.ts'

/** Up to this many are done here and at once: a thread's answer takes longer to travel. */
const fewItems = 8
const noKeys = new Map()

/** Preparing and verifying on a pool's threads; closing it closes the pool. */
export function createWorkers(pool: Pool): Workers {
  return {
    async prepare(drafts) {
      const results =
        drafts.length <= fewItems
          ? [perform({ work: 'prepare', drafts }, noKeys)]
          : await pool.run(
              chunksOf(drafts, pool.size).map((chunk) => ({ work: 'prepare', drafts: chunk })),
            )
      return (results as Prepared[]).flatMap(unpack)
    },
    async verifySignatures(checks) {
      const results =
        checks.length <= fewItems
          ? [perform({ work: 'verify', checks }, noKeys)]
          : await pool.run(
              chunksOf(checks, pool.size).map((chunk) => ({ work: 'verify', checks: chunk })),
            )
      return (results as boolean[][]).flat()
    },
    close: () => pool.close(),
  }
}

function unpack({ credentials, fingerprints }: Prepared): PreparedCredential[] {
  return credentials.map(({ format, signingInput, disclosures }, i) => ({
    format,
    signingInput,
    disclosures,
    fingerprint: fingerprints.slice(i * 32, i * 32 + 32),
  }))
}
