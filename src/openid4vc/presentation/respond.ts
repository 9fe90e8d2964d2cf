import { encodeBase64url, randomBytes, sha256 } from '#primitives'
import { parseJson } from '../../credential/json.ts'
import type { Json, JsonObject } from '../../credential/model.ts'
import { type Code, InputError } from '../../errors.ts'
import { writePresentationFile } from '../../presentation/presentationFile.ts'
import { readQuery } from '../../presentation/request.ts'
import { hex } from '../../primitives/bytes.ts'
import type { Verdict } from '../../verdict/model.ts'
import { verify } from '../../verdict/verify.ts'
import { gather } from '../../verifier/gather.ts'
import type { PresentationTransaction, RelyingParty } from './model.ts'
import { requireOpen } from './requestObject.ts'
import { decryptResponse } from './responseKey.ts'
import { keepResult } from './result.ts'
import { idOfHandle, moveOn, readTransaction } from './transaction.ts'
import { type Answered, answersQuery, disclosedClaims, readVpToken } from './vpToken.ts'

/** Characters of one form value at most. */
const maxValue = 2_097_152

/** What goes back to the wallet. */
export type ResponseReceipt = {
  /** Whether the answer was taken as good, or at least as one that could not be checked. */
  readonly isAccepted: boolean
  /** Where the wallet sends the browser, the response code in its fragment. */
  readonly redirectUri: string | undefined
  readonly code: Code | undefined
}

/**
 * Takes a wallet's answer to a request, once: of any number of answers, also at the same time, in
 * several processes or after a restart, exactly one is looked at.
 *
 * @param form the members of the `application/x-www-form-urlencoded` body.
 * @throws {InputError} `presentation/unknown-request`, `presentation/request-expired`,
 *   `presentation/wrong-state` if it was answered before; `presentation/bad-response` for what is no
 *   answer to this request at all, after which it stays open.
 * @throws {OutsideError} if it could not be checked for a reason of ours: the wallet may send it again.
 * @see OpenID4VP 1.0, section 8.2
 */
export async function takeResponse(
  party: RelyingParty,
  handle: string,
  form: Readonly<Record<string, string>>,
): Promise<ResponseReceipt> {
  const transaction = await readTransaction(party, idOfHandle(handle))
  requireOpen(transaction)
  const response = await readForm(party, transaction, form)
  if (response.state !== transaction.stateParameter) throw bad('state')
  if (response.error !== undefined) return decline(party, transaction)
  const answered = readVpToken(response.vp_token, response.anchor_proofs)
  const claimed = await moveOn(party, transaction, { state: 'answered' })
  if (claimed === undefined) throw new InputError('presentation/wrong-state')
  try {
    return await conclude(party, claimed, answered)
  } catch (error) {
    // Nothing is wrong with the answer: it may come again, and still only one of them counts.
    await moveOn(party, claimed, { state: transaction.state })
    throw error
  }
}

async function readForm(
  { sealer }: RelyingParty,
  transaction: PresentationTransaction,
  form: Readonly<Record<string, string>>,
): Promise<JsonObject> {
  for (const value of Object.values(form)) if (value.length > maxValue) throw bad('response')
  const { response, ...plain } = form
  if (transaction.mode === 'direct_post.jwt') {
    // Only an error may come unencrypted (section 8.3.1): what was asked for encrypted is never read plain.
    if (response !== undefined) return decryptResponse(sealer, transaction, response)
    if (plain.error === undefined) throw bad('response')
    return { state: plain.state ?? null, error: plain.error }
  }
  if (response !== undefined) throw bad('response')
  const { state = null, error, vp_token: vpToken, anchor_proofs: proofs } = plain
  return {
    state,
    ...(error !== undefined && { error }),
    ...(vpToken !== undefined && { vp_token: readJson(vpToken, 'vp_token') }),
    ...(proofs !== undefined && { anchor_proofs: readJson(proofs, 'anchor_proofs') }),
  }
}

function readJson(text: string, path: string): Json {
  try {
    return parseJson(text, { maxLength: maxValue })
  } catch (cause) {
    throw new InputError('presentation/bad-response', { path, cause })
  }
}

function bad(path: string): InputError {
  return new InputError('presentation/bad-response', { path })
}

async function decline(
  party: RelyingParty,
  transaction: PresentationTransaction,
): Promise<ResponseReceipt> {
  const { fields, redirectUri } = backTo(transaction)
  const change = { state: 'refused', reason: 'presentation/declined', ...fields } as const
  if ((await moveOn(party, transaction, { ...change, responseKey: undefined })) === undefined) {
    throw new InputError('presentation/wrong-state')
  }
  await note(party, transaction, 'declined')
  return { isAccepted: true, redirectUri, code: undefined }
}

async function conclude(
  party: RelyingParty,
  transaction: PresentationTransaction,
  answered: readonly Answered[],
): Promise<ResponseReceipt> {
  const { id, nonce, clientId, sameHolder } = transaction
  const text = writePresentationFile(
    answered.map(({ token, proof }) => ({ token, proofs: proof === undefined ? [] : [proof] })),
  )
  const question = { kind: 'presentation', nonce, audience: clientId, sameHolder } as const
  const evidence = await gather(party.verifier, text)
  const verdict = verify(evidence, party.policyOf(party.clock(), question))
  const isAnswer = answersQuery(readQuery(transaction.dcql), answered)
  const isGood = verdict.outcome === 'valid' && isAnswer
  await keepResult(party, id, verdict, isGood ? disclosedClaims(answered) : {})
  const { fields, redirectUri } = backTo(transaction)
  const code = refusalOf(verdict, isAnswer)
  await moveOn(party, transaction, {
    state: isGood ? 'verified' : 'refused',
    outcome: verdict.outcome,
    reason: verdict.outcome === 'valid' ? code : undefined,
    // Nobody can read the answer again.
    responseKey: undefined,
    ...fields,
  })
  await note(party, transaction, isGood ? 'verified' : verdict.outcome)
  return { isAccepted: verdict.outcome !== 'invalid' && isAnswer, redirectUri, code }
}

/** A fresh response code, and the address that carries it back to the browser in its fragment. */
function backTo({ redirectUri }: PresentationTransaction) {
  if (redirectUri === undefined) return { fields: {}, redirectUri: undefined }
  const code = encodeBase64url(randomBytes(32))
  return {
    fields: { responseCodeHash: hex(sha256(code)) },
    redirectUri: `${redirectUri}#response_code=${code}`,
  }
}

/** The first finding against the answer; it tells the wallet no more than its own answer does. */
function refusalOf({ checks, credentials }: Verdict, isAnswer: boolean): Code | undefined {
  const all = [...checks, ...credentials.flatMap((one) => one.checks)]
  const failed = all.find(({ outcome }) => outcome === 'fail')
  return failed?.code ?? (isAnswer ? undefined : 'presentation/not-answered')
}

async function note(
  { audit, clock }: RelyingParty,
  { id, purpose }: PresentationTransaction,
  outcome: string,
): Promise<void> {
  const action = 'presentation-received'
  await audit.append([
    { at: clock(), actor: 'wallet', action, subject: id, detail: { outcome, purpose } },
  ])
}
