import { isJsonObject } from '../credential/json.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { TrustError } from '../errors.ts'
import { type CheckedCredential, checkCredential } from '../vcdm/credential.ts'
import { isEnvelope, readEnvelope } from '../vcdm/envelope.ts'
import { refuse } from '../vcdm/read.ts'
import { verified } from './findings.ts'
import type { Finding, Question, VcApi, Verification } from './model.ts'
import { requireWithin } from './period.ts'
import { requireGoodStatus } from './status.ts'
import { type HeldTogether, requireGoodToken } from './verifyToken.ts'

/**
 * Verifies a credential of any issuer: form, proof, dates and status. Whether its issuer is known and
 * whether it is anchored are warnings: this says less than a verdict.
 *
 * @param input with an embedded proof, enveloped, or a compact token.
 * @throws {OutsideError} where the chain cannot be read.
 * @see VC-API 0.7, section 3.3.1; VC Data Model 2.0, section 7.1
 */
export async function verifyCredential(
  api: VcApi,
  input: Json,
  question: Question = {},
): Promise<Verification> {
  return verified(['proof', 'form', 'validityPeriod', 'credentialStatus'], async (warn) => {
    await requireGood(api, input, question, warn)
    return []
  })
}

/**
 * The same as a requirement.
 *
 * @returns who issued it and to whom it is bound.
 * @throws {InputError} `vcdm/...`, `integrity/...`, `credential/...`, `json/...`
 * @throws {TrustError} `signature/...`, `integrity/...`, `validity/...`, `status/...`, `holder/...`
 */
export async function requireGood(
  api: VcApi,
  input: Json,
  question: Question,
  warn: (finding: Finding) => void,
): Promise<HeldTogether> {
  const { expectedProofPurpose } = question
  if (expectedProofPurpose !== undefined && expectedProofPurpose !== 'assertionMethod') {
    throw new TrustError('integrity/wrong-purpose')
  }
  if (isJsonObject(input) && !isEnvelope(input, 'credential')) {
    return requireGoodDocument(api, input, question, warn)
  }
  const { token, mediaType } = enveloped(input)
  return requireGoodToken(api, token, mediaType, warn)
}

function enveloped(input: Json): { token: string; mediaType: string | undefined } {
  if (isJsonObject(input)) return readEnvelope(input, 'credential')
  if (typeof input !== 'string') throw refuse('vcdm/bad-envelope', 'verifiableCredential')
  return { token: input, mediaType: undefined }
}

async function requireGoodDocument(
  api: VcApi,
  document: JsonObject,
  question: Question,
  warn: (finding: Finding) => void,
): Promise<HeldTogether> {
  const { integrity, clock } = api
  const checked = checkCredential(document, integrity.known)
  const { issuer } = checked
  const at = clock()
  const signers = await integrity.verify(document, { ...question, purpose: 'assertionMethod', at })
  if (!signers.includes(issuer)) throw new TrustError('integrity/other-signer')
  await requireInForce(api, checked, warn)
  if (issuer !== integrity.did) warn({ code: 'accreditation/unknown-issuer', detail: {} })
  return { issuer, holderKey: undefined }
}

/**
 * Requires dates and status of a credential to be good, and notes related resources that nobody here reads.
 *
 * @throws {TrustError} `validity/...`, `status/...`
 */
export async function requireInForce(
  api: VcApi,
  { issuer, period, statusEntries, unreadResources }: CheckedCredential,
  warn: (finding: Finding) => void,
): Promise<void> {
  requireWithin(period, api.clock())
  await requireGoodStatus(api, statusEntries, issuer, warn)
  for (const index of unreadResources.keys()) {
    warn({ code: 'vcapi/resource-not-read', detail: { path: `relatedResource/${index}` } })
  }
}
