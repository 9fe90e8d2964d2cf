import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject, PublicJwk } from '../credential/model.ts'
import { thumbprintHex } from '../credential/thumbprint.ts'
import { InputError, TrustError } from '../errors.ts'
import { checkCredential } from '../vcdm/credential.ts'
import { isEnvelope, readEnvelope } from '../vcdm/envelope.ts'
import { type CheckedPresentation, checkPresentation } from '../vcdm/presentation.ts'
import { refuse } from '../vcdm/read.ts'
import { findingOf, verified, within } from './findings.ts'
import { readToken } from './jws.ts'
import { requireSignedBy } from './key.ts'
import type { Finding, Question, VcApi, Verification } from './model.ts'
import { requireWithin } from './period.ts'
import { requireGood, requireInForce } from './verifyCredential.ts'

/** Who presents: the DIDs whose keys made the proofs, and the key where a DID is one; nobody: no proof. */
type Presenter = {
  readonly presentation: CheckedPresentation
  readonly signers: readonly string[]
  readonly key: PublicJwk | undefined
}

/**
 * Verifies a presentation of any holder: form, proof, challenge, domain, who holds it, and every
 * credential in it as fully as one alone.
 *
 * @param input with an embedded proof, without one, enveloped, or a compact token.
 * @throws {OutsideError} where the chain cannot be read.
 * @see VC-API 0.7, section 3.3.2; VC Data Model 2.0, sections 4.12.4, 4.13 and 7.1
 */
export async function verifyPresentation(
  api: VcApi,
  input: Json,
  question: Question = {},
): Promise<Verification> {
  return verified(['proof', 'form', 'holder', 'verifiableCredential'], async (warn) => {
    const presenter = await requirePresenter(api, input, question)
    requireHolder(presenter, question)
    if (question.challenge === undefined) warn({ code: 'vcapi/no-challenge', detail: {} })
    const errors: Finding[] = []
    for (const [index, credential] of presenter.presentation.credentials.entries()) {
      const path = `verifiableCredential/${index}`
      const note = (finding: Finding) => warn(within(path, [finding])[0]!)
      try {
        await requireGoodInside(api, credential, presenter, note)
      } catch (error) {
        if (!(error instanceof InputError || error instanceof TrustError)) throw error
        errors.push(...within(path, [findingOf(error)]))
      }
    }
    return errors
  })
}

async function requirePresenter(api: VcApi, input: Json, question: Question): Promise<Presenter> {
  if (isJsonObject(input) && !isEnvelope(input, 'presentation')) {
    const presentation = checkPresentation(input)
    if (input.proof === undefined) {
      await api.integrity.requireDefined(input)
      return { presentation, signers: [], key: undefined }
    }
    const purpose = question.expectedProofPurpose ?? 'authentication'
    const signers = await api.integrity.verify(input, { ...question, purpose, at: api.clock() })
    return { presentation, signers, key: undefined }
  }
  if (!isJsonObject(input) && typeof input !== 'string') {
    throw refuse('vcdm/bad-envelope', 'verifiablePresentation')
  }
  const token = isJsonObject(input) ? readEnvelope(input, 'presentation').token : input
  return presenterOfToken(api, token, question)
}

/** VC-JOSE-COSE section 3.1.2: the holder's key signs; `nonce` and `aud` answer the verifier. */
async function presenterOfToken(
  api: VcApi,
  text: string,
  { challenge, domain }: Question,
): Promise<Presenter> {
  const token = readToken(text, 'presentation')
  const presentation = checkPresentation(token.document as JsonObject)
  const { iss, aud, nonce } = token.payload
  const holder = presentation.holder ?? iss
  if (typeof holder !== 'string' || (iss !== undefined && iss !== holder)) {
    throw refuse('vcdm/bad-holder', 'iss')
  }
  const key = await requireSignedBy(holder, token)
  requireWithin(token.period, api.clock())
  if (challenge !== undefined && nonce !== challenge) throw new TrustError('holder/wrong-nonce')
  if (domain !== undefined && ![aud].flat().includes(domain)) {
    throw new TrustError('holder/wrong-audience')
  }
  return { presentation, signers: [holder], key }
}

/** Whoever is named as holder, or asked to answer, has proven it. */
function requireHolder({ presentation: { holder }, signers }: Presenter, question: Question): void {
  const isAsked = question.challenge !== undefined || question.domain !== undefined
  if (signers.length === 0 && (holder !== undefined || isAsked)) {
    throw new TrustError('holder/missing')
  }
  if (holder !== undefined && !signers.includes(holder)) {
    throw new TrustError('holder/different-holders')
  }
}

async function requireGoodInside(
  api: VcApi,
  credential: JsonObject,
  { presentation: { holder }, signers, key }: Presenter,
  warn: (finding: Finding) => void,
): Promise<void> {
  const isBare = credential.proof === undefined && !isEnvelope(credential, 'credential')
  if (isBare && signers.length > 0) {
    // Section 4.12.4: what the holder says of itself is secured by the presentation's own proof.
    const checked = checkCredential(credential, api.integrity.known)
    if (holder === undefined || checked.issuer !== holder) throw new InputError('vcapi/no-holder')
    await requireInForce(api, checked, warn)
    return
  }
  const { holderKey } = await requireGood(api, credential, {}, warn)
  if (holderKey === undefined) return
  if (key === undefined || thumbprintHex(key) !== thumbprintHex(holderKey)) {
    throw new TrustError('holder/bad-signature')
  }
}
