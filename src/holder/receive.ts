import type { InclusionProof } from '../anchor/model.ts'
import { readCredential } from '../credential/parse.ts'
import { splitToken } from '../credential/token.ts'
import { InputError, TrustError } from '../errors.ts'
import type { HeldRecord } from '../ports/holder.ts'
import { hex } from '../primitives/bytes.ts'
import type { Verdict } from '../verdict/model.ts'
import type { Holder } from './model.ts'

/**
 * Takes a certificate into the wallet, after the full check. Receiving it again, with its inclusion
 * proof now, adds the proof.
 *
 * 1. Read it strictly; it must come without a key binding.
 * 2. It must be bound to a key of this wallet.
 * 3. Its verdict must be valid, or lack nothing but its anchor, which comes later.
 * 4. Store it.
 *
 * @param token compact, with all its disclosures.
 * @throws {InputError} `credential/*`, `json/*` if it cannot be read.
 * @throws {TrustError} `holder/not-ours`; `holder/refused` with the check's name and code.
 * @throws {OutsideError} what the check or the store throws.
 */
export async function receive(
  holder: Holder,
  token: string,
  proof?: InclusionProof,
): Promise<HeldRecord> {
  const parts = splitToken(token)
  if (parts.keyBinding !== undefined) {
    throw new InputError('credential/malformed', { why: 'key binding' })
  }
  const credential = readCredential(parts)
  const id = hex(credential.fingerprint)
  if (
    credential.holderKey === undefined ||
    (await holder.signerFor(credential.holderKey)) === undefined
  ) {
    throw new TrustError('holder/not-ours', { credential: id })
  }
  requireGood(await holder.check(token, proof), id)
  const known = await holder.store.get(id)
  const record: HeldRecord = {
    id,
    token,
    proof: proof ?? known?.proof,
    receivedAt: known?.receivedAt ?? holder.now(),
  }
  await holder.store.put(record)
  return record
}

/** Anything but a pass is refused, save that the anchor is still on its way. */
function requireGood(verdict: Verdict, id: string): void {
  const [only, ...others] = verdict.credentials
  if (only?.fingerprint !== id || others.length > 0) {
    throw new TrustError('holder/refused', { credential: id, check: 'fingerprint' })
  }
  const checks = [...verdict.checks, ...only.checks]
  const isPending = checks.some(isPendingAnchor)
  for (const check of checks) {
    if (check.outcome === 'pass' || isPendingAnchor(check)) continue
    // What rests on the anchoring block cannot be judged before there is one.
    if (isPending && check.outcome === 'unknown' && restsOnAnchor.has(check.name)) continue
    throw new TrustError('holder/refused', { credential: id, check: check.name, code: check.code })
  }
  if (verdict.outcome === 'valid' && only.outcome === 'valid') return
  if (isPending && verdict.outcome === 'unknown' && only.outcome === 'unknown') return
  throw new TrustError('holder/refused', { credential: id, check: 'outcome' })
}

const restsOnAnchor: ReadonlySet<string> = new Set(['signingTime'])

function isPendingAnchor(check: Verdict['checks'][number]): boolean {
  return check.name === 'anchor' && check.outcome === 'unknown' && check.code === 'anchor/pending'
}
