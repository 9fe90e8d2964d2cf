import type { InclusionProof } from '../anchor/model.ts'
import { readObject, refuseOthers } from '../credential/claims.ts'
import type { Json, JsonObject } from '../credential/model.ts'
import { InputError } from '../errors.ts'
import { proofJson, readProof } from './certificateFile.ts'

/** One token of a presentation, and a proof for each credential in it, in their order. */
export type PresentationEntry = {
  readonly token: string
  readonly proofs: readonly (InclusionProof | undefined)[]
}

const maxEntries = 16

/** The text of a presentation: `{ "presentation": [ token | { token, proofs: [proof | null] } ] }`. */
export function writePresentationFile(entries: readonly PresentationEntry[]): string {
  const presentation = entries.map(({ token, proofs }) =>
    proofs.some((proof) => proof !== undefined)
      ? { token, proofs: proofs.map((proof) => (proof === undefined ? null : proofJson(proof))) }
      : token,
  )
  return `${JSON.stringify({ presentation }, null, 2)}\n`
}

/**
 * Reads the same, already parsed.
 *
 * @throws {InputError} `presentation/malformed`, `credential/bad-claim` and what `readProof` refuses.
 */
export function readPresentationEntries(file: JsonObject): PresentationEntry[] {
  refuseOthers(file, ['presentation'], 'file')
  const list = file.presentation
  if (!Array.isArray(list) || list.length === 0 || list.length > maxEntries) {
    throw new InputError('presentation/malformed', { why: 'presentation' })
  }
  return list.map(readEntry)
}

function readEntry(value: Json): PresentationEntry {
  if (typeof value === 'string') return { token: value, proofs: [] }
  const entry = readObject(value, 'presentation')!
  refuseOthers(entry, ['token', 'proofs'], 'presentation')
  const { token, proofs = [] } = entry
  if (typeof token !== 'string' || !Array.isArray(proofs) || proofs.length > maxEntries) {
    throw new InputError('presentation/malformed', { why: 'entry' })
  }
  return { token, proofs: proofs.map(readProof) }
}
