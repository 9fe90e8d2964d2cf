import type { ParsedCredential } from '../credential/model.ts'
import { parseCredential } from '../credential/parse.ts'
import { InputError, TrustError } from '../errors.ts'
import type { HeldRecord } from '../ports/holder.ts'
import { finishAnswer, writeAnswer } from '../presentation/answer.ts'
import { bindingSignatureHolds } from '../presentation/binding.ts'
import { chooseDisclosures } from '../presentation/choose.ts'
import type { ClaimPath, ParsedPresentation } from '../presentation/model.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import { type PresentationEntry, writePresentationFile } from '../presentation/presentationFile.ts'
import { matchQuery } from '../presentation/query.ts'
import type { PresentationRequest } from '../presentation/request.ts'
import { classesOf } from './classes.ts'
import type { Holder } from './model.ts'

/** What the holder agreed to show of one certificate. */
export type Consent = {
  /** Fingerprint, hex. */
  readonly id: string
  /** Every claim by its path; a restricted one (class R) only by a path of its own. */
  readonly disclose: readonly ClaimPath[]
}

/** What goes to the verifier. */
export type Presented = {
  /** One token for each certificate, and its inclusion proof where the wallet has it. */
  readonly entries: readonly PresentationEntry[]
  /** The presentation file, `parsePresentation` reads it. */
  readonly text: string
}

/**
 * Answers a request with what was consented to, and nothing else; every token is bound to the
 * request's nonce and audience by the certificate's own holder key.
 *
 * @param consents which certificates, and which claims of each; none is chosen for the holder.
 * @throws {InputError} `holder/not-held`, `presentation/unknown-claim`, `presentation/discloses-more`,
 *   `presentation/not-bound`, `presentation/not-answered`.
 * @throws {TrustError} `holder/not-ours` if the certificate's key is not in this wallet.
 * @throws {OutsideError} what the store or a signer throws.
 */
export async function present(
  holder: Holder,
  request: PresentationRequest,
  consents: readonly Consent[],
): Promise<Presented> {
  const entries: PresentationEntry[] = []
  for (const consent of consents) {
    const record = await holder.store.get(consent.id)
    if (record === undefined) throw new InputError('holder/not-held', { credential: consent.id })
    entries.push(await answer(holder, request, record, consent.disclose))
  }
  if (entries.length === 0) throw new InputError('presentation/not-answered')
  const text = writePresentationFile(entries)
  requireAnswered(request, parsePresentation(text))
  return { entries, text }
}

async function answer(
  holder: Holder,
  request: PresentationRequest,
  { id, token, proof }: HeldRecord,
  disclose: readonly ClaimPath[],
): Promise<PresentationEntry> {
  const credential = parseCredential(token)
  const classOf = classesOf(holder.types, credential.certificateType)
  const disclosures = chooseDisclosures(credential, disclose, classOf)
  const signer = await signerOf(holder, credential, id)
  const plan = writeAnswer(credential, disclosures, request, signer.key.alg, holder.now())
  const [signature] = await signer.sign(plan.kind, [plan.signingInput])
  return { token: finishAnswer(plan, signature!), proofs: [proof] }
}

async function signerOf(holder: Holder, { holderKey }: ParsedCredential, id: string) {
  if (holderKey === undefined) throw new InputError('presentation/not-bound', { credential: id })
  const signer = await holder.signerFor(holderKey)
  if (signer === undefined) throw new TrustError('holder/not-ours', { credential: id })
  return signer
}

/** Reads the answer as the verifier will, before it leaves. */
function requireAnswered(request: PresentationRequest, presented: ParsedPresentation): void {
  for (const { credential, binding } of presented) {
    if (binding === undefined || !bindingSignatureHolds(credential, binding)) {
      throw new TrustError('holder/not-ours')
    }
  }
  const credentials = presented.map(({ credential }) => credential)
  if (!matchQuery(request.dcql, credentials, () => true).satisfied) {
    throw new InputError('presentation/not-answered')
  }
}
