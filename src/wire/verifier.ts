import { shownKeys } from '../adapters/chain/shownKeys.ts'
import type { PublicJwk } from '../credential/model.ts'
import type { LeafReader } from '../ports/chain.ts'
import type { Clock } from '../ports/clock.ts'
import type { Policy } from '../verdict/model.ts'
import type { Verifier } from '../verifier/model.ts'
import type { OpenChain } from './chain.ts'

/** Milliseconds for which a DID's keys are remembered; a new key is found by then. */
const rememberedMs = 30_000

/** How a verifier reads. */
export type VerifierOptions = {
  /** Read from this process's copy of the chain: for many questions. */
  readonly isWarm?: boolean
  /** Leaves that this node keeps. */
  readonly leaves?: LeafReader
  readonly clock?: Clock
}

/** Whoever checks, over an open chain. */
export function openVerifier(chain: OpenChain, options: VerifierOptions = {}): Verifier {
  const { rpc, deployment, cold, mirror } = chain
  const now = options.clock ?? (() => new Date())
  const known = new Map<string, { at: number; keys: Promise<PublicJwk[]> }>()
  return {
    chain: options.isWarm ? mirror : cold,
    ...(options.leaves && { leaves: options.leaves }),
    keysOf: (did) => {
      const remembered = known.get(did)
      if (remembered && Date.now() - remembered.at < rememberedMs) return remembered.keys
      const keys = shownKeys(rpc, deployment, did)
      known.set(did, { at: Date.now(), keys })
      keys.catch(() => known.delete(did))
      if (known.size > 10_000) known.delete(known.keys().next().value!)
      return keys
    },
    now,
  }
}

/** The policy of a verifier that trusts this chain. */
export function policyOf(
  { deployment }: Pick<OpenChain, 'deployment'>,
  at: Date,
  question: Policy['question'] = { kind: 'certificate' },
  pinnedHeaders: readonly string[] = [],
): Policy {
  const { identity } = deployment
  return {
    at,
    question,
    chain: `eip155:${identity.chainId}`,
    deployment: identity,
    pinnedHeaders,
  }
}
