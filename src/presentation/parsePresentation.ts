import { decodeUtf8 } from '#primitives'
import { parseJsonObject } from '../credential/json.ts'
import { typOf } from '../credential/jws.ts'
import { readCredential } from '../credential/parse.ts'
import { splitToken } from '../credential/token.ts'
import { InputError } from '../errors.ts'
import { hex } from '../primitives/bytes.ts'
import { readKeyBinding } from './binding.ts'
import { maxFile, readCertificate } from './certificateFile.ts'
import type { ParsedPresentation, PresentedCredential } from './model.ts'
import { type PresentationEntry, readPresentationEntries } from './presentationFile.ts'
import { readVpJwt } from './vpJwt.ts'

/**
 * Reads whatever a holder hands over: one token (a bare credential, an SD-JWT with key binding, a VP
 * as JWT), a certificate file, or a presentation file of several tokens. Nothing of it is verified.
 *
 * @param input text or UTF-8 bytes; spaces and line ends around it are ignored.
 * @throws {InputError} `presentation/malformed`, `presentation/duplicate` for one credential twice;
 *   `credential/*`, `json/*`, `hex/malformed`.
 */
export function parsePresentation(input: string | Uint8Array): ParsedPresentation {
  if (input.length > maxFile) throw new InputError('json/too-large', { maxLength: maxFile })
  const text = trim(typeof input === 'string' ? input : decodeUtf8(input))
  const presented = readEntries(text).flatMap(readPresented)
  const seen = new Set(presented.map(({ credential }) => hex(credential.fingerprint)))
  if (seen.size !== presented.length) throw new InputError('presentation/duplicate')
  return presented
}

function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

function readEntries(text: string): PresentationEntry[] {
  if (!text.startsWith('{')) return [{ token: text, proofs: [] }]
  const file = parseJsonObject(text, { maxLength: maxFile })
  if (file.presentation !== undefined) return readPresentationEntries(file)
  const { credential, proof } = readCertificate(file)
  return [{ token: credential, proofs: [proof] }]
}

function readPresented({ token, proofs }: PresentationEntry): PresentedCredential[] {
  const presented = readToken(token)
  if (proofs.length > presented.length) {
    throw new InputError('presentation/malformed', { why: 'proofs' })
  }
  return presented.map((one, index) => ({ ...one, proof: proofs[index] }))
}

function readToken(token: string): PresentedCredential[] {
  const parts = splitToken(token)
  const { disclosures, keyBinding, unbound } = parts
  if (disclosures === undefined && typOf(token) === 'vp+jwt') return readVpJwt(token)
  const credential = readCredential(parts)
  const binding = keyBinding === undefined ? undefined : readKeyBinding(keyBinding, unbound)
  return [{ credential, token: unbound, binding, proof: undefined }]
}
