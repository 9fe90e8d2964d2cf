import { assembleToken } from '../credential/token.ts'
import { TrustError } from '../errors.ts'
import type { CopyRecord } from '../ports.ts'
import { equalBytes, hex } from '../primitives/bytes.ts'
import type { IssuedCredential, Issuer } from './model.ts'
import type { Plan } from './plan.ts'
import { reach } from './reach.ts'
import { requireFreshNonces } from './repeats.ts'

/** Most copies that are signed and stored together. */
export const maximumChunk = 500

/**
 * Signs stored plans and stores the signatures. Every token is read back and compared with its plan;
 * the signature of the first and of a random one is verified over what the store gives back, and of
 * every one if the signer is remote or `verifyEvery` says so.
 *
 * @param plans at most {@link maximumChunk}, all of this signer's key.
 * @throws {TrustError} `issue/plan-changed` if a token or the store differs from the plan,
 * `issue/bad-signature`, `issue/repeated-randomness`; then no signature is stored.
 */
export async function signPlans(
  issuer: Issuer,
  plans: readonly Plan[],
  verifyEvery = false,
): Promise<IssuedCredential[]> {
  if (plans.length === 0) return []
  const inputs = plans.map((plan) => plan.signingInput)
  const signatures = await issuer.signer.sign('credential', inputs)
  await reach(issuer, 'issue/signed')
  if (signatures.length !== plans.length) throw new TrustError('issue/bad-signature')
  requireFreshNonces(issuer.signer, inputs, signatures)
  const tokens = plans.map((plan, at) => assembleToken(plan, signatures[at]!))
  for (const [at, plan] of plans.entries()) {
    const isPlanned = tokens[at]!.startsWith(`${plan.signingInput}.`)
    if (!isPlanned || plan.keyThumbprint !== issuer.signer.key.thumbprint) throw changed(plan)
  }
  await verify(issuer, plans, signatures, verifyEvery || issuer.signer.isRemote)
  await reach(issuer, 'issue/verified')
  await issuer.certificates.sign(plans.map(({ id }, at) => ({ id, signature: signatures[at]! })))
  await reach(issuer, 'issue/stored')
  return plans.map((plan, at) => issued({ ...plan, state: 'durable' }, tokens[at]!))
}

async function verify(
  issuer: Issuer,
  plans: readonly Plan[],
  signatures: readonly Uint8Array[],
  every: boolean,
): Promise<void> {
  const random = Math.floor(Math.random() * plans.length)
  const sample = [...new Set([0, random])].map((at) => plans[at]!)
  const stored = await issuer.certificates.byFingerprints(
    issuer.department.address,
    sample.map((plan) => plan.fingerprint),
  )
  for (const plan of sample) {
    const same = stored.find((copy) => copy.id === plan.id)
    if (same?.signingInput !== plan.signingInput) throw changed(plan)
    if (!equalBytes(same.fingerprint, plan.fingerprint)) throw changed(plan)
  }
  const { jwk: key } = issuer.signer.key
  const chosen = every ? plans : sample
  const good = await issuer.workers.verifySignatures(
    chosen.map((plan) => ({
      key,
      signingInput: plan.signingInput,
      signature: signatures[every ? plans.indexOf(plan) : plan === plans[0] ? 0 : random]!,
    })),
  )
  if (good.length !== chosen.length || good.includes(false)) {
    throw new TrustError('issue/bad-signature', { thumbprint: issuer.signer.key.thumbprint })
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
