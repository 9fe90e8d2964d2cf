import { assembleToken } from '../credential/token.ts'
import { OutsideError, TrustError } from '../errors.ts'
import type { CopyRecord } from '../ports/certificates.ts'
import { hex } from '../primitives/bytes.ts'
import type { IssuedCredential, Issuer } from './model.ts'
import type { Plan } from './plan.ts'
import { reach } from './reach.ts'
import { requireFreshNonces } from './repeats.ts'

/** Copies of which the first's and a random one's signature are verified. */
const sampledChunk = 500

/**
 * Signs stored plans and stores the signatures. Every token is read back and compared with its plan; in
 * each chunk of 500 the signature of the first and of a random one is verified over what the store gives
 * back, and every one if the signer is remote or `verifyEvery` says so.
 *
 * @param plans of this signer's key; stored in one transaction.
 * @throws {TrustError} `issue/plan-changed` if a token or the store differs from the plan,
 * `issue/bad-signature`, `issue/repeated-randomness`; then no signature is stored.
 * @throws {OutsideError} `issue/key-exchanged` if the department signs with another key by now: what was
 * planned is drawn up anew when the same is asked for again.
 */
export async function signPlans(
  issuer: Issuer,
  plans: readonly Plan[],
  verifyEvery = false,
): Promise<IssuedCredential[]> {
  if (plans.length === 0) return []
  // The same key to the end, also where another comes in meanwhile.
  const { signer } = issuer
  const { thumbprint } = signer.key
  if (plans.some((plan) => plan.keyThumbprint !== thumbprint)) {
    throw new OutsideError('issue/key-exchanged', { thumbprint })
  }
  const inputs = plans.map((plan) => plan.signingInput)
  const signatures = await signer.sign('credential', inputs)
  await reach(issuer, 'issue/signed')
  if (signatures.length !== plans.length) throw new TrustError('issue/bad-signature')
  requireFreshNonces(signer, inputs, signatures)
  const credentials = plans.map((plan, at) => {
    const token = assembleToken(plan, signatures[at]!)
    const isPlanned = token.startsWith(plan.signingInput) && token[plan.signingInput.length] === '.'
    if (!isPlanned) throw changed(plan)
    return issued({ ...plan, state: 'durable' }, token)
  })
  await requireStored(issuer, plans)
  await verify({ ...issuer, signer }, plans, signatures, verifyEvery || signer.isRemote)
  await reach(issuer, 'issue/verified')
  await issuer.certificates.sign(
    plans.map(({ id, fingerprint }, at) => ({ id, fingerprint, signature: signatures[at]! })),
  )
  await reach(issuer, 'issue/stored')
  return credentials
}

/** The first and a random position in each chunk. */
function sample(count: number): number[] {
  const positions = new Set<number>()
  for (let at = 0; at < count; at += sampledChunk) {
    positions.add(at)
    positions.add(at + Math.floor(Math.random() * Math.min(sampledChunk, count - at)))
  }
  return [...positions]
}

/** Compares a sample with what the store gives back. */
async function requireStored(issuer: Issuer, plans: readonly Plan[]): Promise<void> {
  const chosen = sample(plans.length).map((at) => plans[at]!)
  const stored = await issuer.certificates.byFingerprints(
    issuer.department.address,
    chosen.map((plan) => plan.fingerprint),
  )
  const inputs = new Map(stored.map((copy) => [copy.id, copy.signingInput]))
  for (const plan of chosen) if (inputs.get(plan.id) !== plan.signingInput) throw changed(plan)
}

async function verify(
  issuer: Issuer,
  plans: readonly Plan[],
  signatures: readonly Uint8Array[],
  every: boolean,
): Promise<void> {
  const { jwk: key, thumbprint } = issuer.signer.key
  const chosen = every ? [...plans.keys()] : sample(plans.length)
  const good = await issuer.workers.verifySignatures(
    chosen.map((at) => ({
      key,
      signingInput: plans[at]!.signingInput,
      signature: signatures[at]!,
    })),
  )
  if (good.length !== chosen.length || good.includes(false)) {
    throw new TrustError('issue/bad-signature', { thumbprint })
  }
}

function changed(plan: Plan): TrustError {
  return new TrustError('issue/plan-changed', { fingerprint: hex(plan.fingerprint) })
}

/** A stored copy with its signature, as its holder receives it. */
export function issuedFrom(
  copy: CopyRecord & { readonly signature: Uint8Array },
): IssuedCredential {
  return issued(copy, assembleToken(copy, copy.signature))
}

function issued(copy: Omit<CopyRecord, 'signature' | 'sequence'>, token: string): IssuedCredential {
  const { id, idempotencyKey, format, certificate, certificateType, list, index, state } = copy
  return {
    id,
    idempotencyKey,
    copy: copy.copy,
    format,
    certificate,
    certificateType,
    token,
    fingerprint: hex(copy.fingerprint),
    status: { list, index },
    state,
  }
}
