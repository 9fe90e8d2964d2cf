import { type ProvenState, readHeader, readStateProof } from '../anchor/stateProof.ts'
import { type Code, isWeirError } from '../errors.ts'
import type { BlockRef } from '../identity/model.ts'
import { fail, isOn, pass, skew, unknown } from './case.ts'
import type { Check, Evidence, Policy } from './model.ts'
import { rememberedOf } from './readEvidence.ts'

/** Whose word the chain's facts are, and for when they speak. */
export type Vouched = {
  readonly check: Check
  /** Undefined unless a file's header counts and its proofs hold. */
  readonly state: ProvenState | undefined
  readonly isTimely: boolean
}

const defaultMaxEvidenceAgeSeconds = 600

/**
 * Who vouches for the chain's state: this process, which read it itself; or the verifier, who kept the
 * hash of the file's header. Otherwise nobody, and every check of the chain is unknown.
 */
export function vouch(evidence: Evidence, policy: Policy): Vouched {
  if (evidence.kind === 'read') {
    if (rememberedOf(evidence) === undefined) return nobody('evidence/header-not-vouched')
    const check = pass('evidence', 'evidence/read-now')
    return { check, state: undefined, isTimely: isTimely(evidence.block, evidence.asked, policy) }
  }
  const { pinnedHeaders = [], deployment } = policy
  try {
    const { hash } = readHeader(evidence.proof.header)
    const isPinned = pinnedHeaders.some((one) => one.toLowerCase() === hash)
    if (!isPinned || deployment === undefined || !isOn(policy, deployment.chainId)) {
      return nobody('evidence/header-not-vouched')
    }
    const state = readStateProof(evidence.proof)
    const { contracts, codeHashes } = deployment
    for (const name of ['departmentRegistry', 'anchorRegistry', 'statusRegistry'] as const) {
      if (state.codeHash(contracts[name]) !== codeHashes[name]) {
        return refused('evidence/other-code')
      }
    }
    const check = pass('evidence', 'evidence/header-pinned')
    return { check, state, isTimely: isTimely(state.block, state.block.time, policy) }
  } catch (error) {
    if (isWeirError(error)) return refused(error.code)
    throw error
  }
}

/** What a refusal to read a file's proofs makes of the evidence check. */
export function evidenceRefused(code: Code): Check {
  // What the file does not prove is not known; what it proves wrongly was tampered with.
  return code === 'evidence/missing-proof' ? unknown('evidence', code) : fail('evidence', code)
}

function isTimely(block: Pick<BlockRef, 'time'>, read: Date, policy: Policy): boolean {
  const age = (policy.maxEvidenceAgeSeconds ?? defaultMaxEvidenceAgeSeconds) * 1000
  const at = policy.at.getTime()
  return at >= block.time.getTime() - skew && at <= read.getTime() + age
}

function refused(code: Code): Vouched {
  return { check: evidenceRefused(code), state: undefined, isTimely: false }
}

function nobody(code: Code): Vouched {
  return { check: unknown('evidence', code), state: undefined, isTimely: false }
}
