import type { Policy } from '../../src/verdict/model.ts'
import { policyOf } from './dress.ts'
import type { Filed, Mutant, Tools } from './model.ts'

type Slot = { slot: string; proof: string[] }
/** A batch as the file writes it. */
type RecordJson = Record<string, string | number>
/** A batch and the place in it. */
type AnchorJson = { record: RecordJson; proof: unknown; following: RecordJson[] }
type CredentialJson = {
  jwk?: Record<string, string>
  anchor?: AnchorJson
  accreditations: number[]
}
/** An evidence file, read loosely. */
export type FileJson = {
  input: string
  proof: { header: string; accounts: Account[] }
  credentials: CredentialJson[]
}
/** An account with its proofs. */
export type Account = { address: string; proof: string[]; storage: Slot[] }

/** The policy of a verifier that kept the hash of the file's own header. */
export function pinned(
  { world }: Tools,
  { header, challenge }: Filed,
  change: Partial<Policy> = {},
): Policy {
  return policyOf(world, challenge, { pinnedHeaders: [header], ...change })
}

/** A changed file before the verifier that kept its header. */
export function made(
  tools: Tools,
  filed: Filed,
  evidence: string,
  told: string,
): Mutant | undefined {
  if (evidence === filed.text) return undefined
  const policy = pinned(tools, filed)
  return { told: `evidence: ${told}`, original: filed.text, evidence, policy }
}

/** Hex with one bit turned. */
export function bitOf(r: Tools['r'], hex: string): string {
  const at = 2 + r.below(hex.length - 2)
  const digit = Number.parseInt(hex[at]!, 16) ^ (1 << r.below(4))
  return `${hex.slice(0, at)}${digit.toString(16)}${hex.slice(at + 1)}`
}
