import { isWeirError } from '../../src/errors.ts'
import type { Verdict } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { readEvidenceFile } from '../../src/verifier/evidenceFile.ts'
import { gather } from '../../src/verifier/gather.ts'
import type { Mutant } from './model.ts'

/** What became of something judged: `crashed` is an exception that is none of ours. */
export type Judged = {
  readonly outcome: 'valid' | 'invalid' | 'unknown' | 'refused' | 'crashed'
  /** The first reason. */
  readonly code: string
  readonly verdict?: Verdict
}

/** Gathers, verifies, and names the first reason why it is not valid. */
export async function judge(mutant: Mutant): Promise<Judged> {
  try {
    if ('refusal' in mutant) {
      const code = mutant.refusal()
      return code === undefined ? { outcome: 'valid', code: 'none' } : { outcome: 'refused', code }
    }
    const evidence =
      'evidence' in mutant
        ? readEvidenceFile(mutant.evidence)
        : await gather(mutant.verifier, mutant.input)
    const verdict = verify(evidence, mutant.policy)
    return { outcome: verdict.outcome, code: reasonOf(verdict), verdict }
  } catch (error) {
    if (isWeirError(error)) return { outcome: 'refused', code: error.code }
    const { name } = error as Error
    return { outcome: 'crashed', code: String(name) }
  }
}

function reasonOf({ checks, credentials }: Verdict): string {
  const all = [...checks, ...credentials.flatMap((one) => one.checks)].filter(
    ({ code }) => code !== 'verdict/not-reached',
  )
  const first =
    all.find(({ outcome }) => outcome === 'fail') ??
    all.find(({ outcome }) => outcome === 'unknown')
  return first?.code ?? 'none'
}
