import type { Verdict } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import { policyOf } from '../../src/wire/verifier.ts'
import type { District } from './district.ts'

/** Anybody's check: the chain, and the leaf at the registry node. */
export async function judge({ verifier, chain }: District, input: string): Promise<Verdict> {
  return verify(await gather(verifier, input), policyOf(chain, new Date()))
}

/** The codes of everything that did not pass. */
export function failures({ checks, credentials }: Verdict): string[] {
  const all = [...checks, ...credentials.flatMap((credential) => credential.checks)]
  return [...new Set(all.filter(({ outcome }) => outcome === 'fail').map(({ code }) => code))]
}
