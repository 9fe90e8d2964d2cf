import { decodeUtf8, sha256 } from '#primitives'
import { parseJsonObject } from '../../credential/json.ts'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { bytesFromHex, equalBytes } from '../../primitives/bytes.ts'
import type { Verdict } from '../../verdict/model.ts'
import { kinds, type PresentationTransaction, type RelyingParty } from './model.ts'
import { readTransaction } from './transaction.ts'

const defaultRetentionSeconds = 600

/** What an answer came to. */
export type PresentationResult = {
  readonly verdict: JsonObject
  /** By credential query: `[{ type, claims }]`; only what was verified as valid. */
  readonly claims: JsonObject
  /** From then on neither is kept. */
  readonly keptUntil: Date
}

/** Keeps verdict and claims, sealed, for a short time; the purge of sessions removes them. */
export async function keepResult(
  { sessions, department, sealer, clock, retentionSeconds = defaultRetentionSeconds }: RelyingParty,
  id: string,
  verdict: Verdict,
  claims: JsonObject,
): Promise<void> {
  const text = JSON.stringify({ verdict, claims })
  const sealed = sealer.seal(context(id), Buffer.from(text))
  // A try that did not come to its end may have left one.
  await sessions.take(department, kinds.result, id, clock())
  const expiresAt = new Date(clock().getTime() + retentionSeconds * 1000)
  await sessions.add(department, [{ kind: kinds.result, name: id, value: { sealed }, expiresAt }])
}

/**
 * A request and, once it is answered, what the answer came to.
 *
 * @param responseCode of the browser that came back; needed where the request named a `redirectUri` and
 *   was not refused, so that whoever began the request in another browser learns nothing of the person
 *   who answered it.
 * @returns `result` undefined where there is none, it is not kept any more, or no code was given for it.
 * @throws {InputError} `presentation/unknown-request`; `presentation/wrong-code` for another code.
 * @see OpenID4VP 1.0, section 14.2
 */
export async function readResult(
  party: RelyingParty,
  id: string,
  responseCode?: string,
): Promise<{
  transaction: PresentationTransaction
  result: PresentationResult | undefined
  needsCode: boolean
}> {
  const transaction = await readTransaction(party, id)
  const { redirectUri, responseCodeHash, state } = transaction
  if (redirectUri !== undefined) {
    // A refusal has no claims, and its browser is not sent back with a code.
    const needsCode = state !== 'refused'
    if (responseCode === undefined && needsCode)
      return { transaction, result: undefined, needsCode }
  }
  if (responseCode !== undefined) {
    if (responseCodeHash === undefined || !isCode(responseCode, responseCodeHash)) {
      throw new InputError('presentation/wrong-code')
    }
  }
  const { sessions, department, sealer, clock } = party
  const kept = await sessions.get(department, kinds.result, id, clock())
  if (kept === undefined) return { transaction, result: undefined, needsCode: false }
  const plain = decodeUtf8(new Uint8Array(sealer.unseal(context(id), String(kept.value.sealed))))
  const { verdict, claims } = parseJsonObject(plain, { maxLength: 4_194_304, maxNodes: 200_000 })
  const result = {
    verdict: verdict as JsonObject,
    claims: claims as JsonObject,
    keptUntil: kept.expiresAt,
  }
  return { transaction, result, needsCode: false }
}

/** Whether it is the code; the time that it takes tells nothing about it. */
function isCode(code: string, hash: string): boolean {
  return equalBytes(sha256(code), bytesFromHex(hash, 32))
}

function context(id: string): string {
  return `weir/vp-result/1 ${id}`
}
