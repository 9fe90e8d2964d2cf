import { encodeBase64url } from '#primitives'
import { InputError } from '../errors.ts'
import { conceal } from './conceal.ts'
import { equalJson } from './equal.ts'
import type { CredentialDraft, Format, JsonObject, PreparedCredential } from './model.ts'
import { readCredential } from './parse.ts'
import { hasDisclosures } from './token.ts'

const placeholder = 'A'.repeat(86)

/**
 * Encodes a draft into the bytes that will be signed, then reads them back with the verifier's own
 * parser and compares: what is signed is exactly what was planned, and a verifier can read it.
 *
 * @throws {InputError} `credential/not-as-planned` if a value is no JSON or does not survive encoding;
 *   `credential/bad-disclosure` if a pointer names nothing or something that must stay visible;
 *   `credential/weak-salt`; whatever {@link readCredential} refuses.
 */
export function prepare(draft: CredentialDraft): PreparedCredential {
  const { format, header } = draft
  const { _sd_alg: hash, ...payload } = draft.payload
  if (hash !== undefined && (hash !== 'sha-256' || !hasDisclosures(format))) {
    throw new InputError('credential/not-as-planned', { path: '_sd_alg' })
  }
  const { visible, disclosures } = encodePayload(format, payload, draft.disclosable)
  const signingInput = `${encodeHeader(header)}.${encodeBase64url(JSON.stringify(visible))}`
  const read = readCredential({
    jwt: `${signingInput}.${placeholder}`,
    disclosures: hasDisclosures(format) ? disclosures : undefined,
  })
  if (
    read.format !== format ||
    !equalJson(read.header, header) ||
    !equalJson(read.payload, payload) ||
    read.disclosures.length !== draft.disclosable.length
  ) {
    throw new InputError('credential/not-as-planned')
  }
  if (read.salt === undefined) throw new InputError('credential/missing-claim', { path: 'weir' })
  return { format, signingInput, disclosures, fingerprint: read.fingerprint }
}

function encodePayload(
  format: Format,
  payload: JsonObject,
  disclosable: readonly string[],
): { visible: JsonObject; disclosures: readonly string[] } {
  if (hasDisclosures(format)) {
    const { visible, disclosures } = conceal(payload, disclosable)
    return { visible: { ...visible, _sd_alg: 'sha-256' }, disclosures }
  }
  if (disclosable.length > 0) throw new InputError('credential/bad-disclosure', { why: 'format' })
  return { visible: payload, disclosures: [] }
}

let last: JsonObject | undefined
let lastText = ''
let lastEncoded = ''

/**
 * One key signs many credentials under one header, so its last encoding is kept. Were the object changed
 * in between, what is read back would differ from it.
 */
function encodeHeader(header: JsonObject): string {
  if (header === last) return lastEncoded
  const text = JSON.stringify(header)
  if (text !== lastText) {
    lastEncoded = encodeBase64url(text)
    lastText = text
  }
  last = header
  return lastEncoded
}
