import { decodeUtf8 } from '#primitives'
import { isWeirError } from '../errors.ts'
import type { ChainView } from '../ports/chain.ts'
import type { ParsedPresentation } from '../presentation/model.ts'
import { parsePresentation } from '../presentation/parsePresentation.ts'
import type { ReadEvidence } from '../verdict/model.ts'
import { readEvidence } from '../verdict/readEvidence.ts'
import { readFacts } from './facts.ts'
import type { Verifier } from './model.ts'
import { findKey } from './signer.ts'

/**
 * Reads everything that judging needs, all at one final block of the chain that the verifier trusts.
 * First the issuer's key, and the signature with it: if that does not hold, nothing more is read. No
 * address inside a token is ever followed.
 *
 * @param input text or UTF-8 bytes as `parsePresentation` takes them. What cannot be read is no error
 *   here: `verify` says why.
 * @param options.at the moment asked about: the last final block at or before it; default now.
 * @throws {InputError} `json/ill-formed-text` for bytes that are no UTF-8.
 * @throws {OutsideError} `chain/unreachable`, `chain/behind`
 * @throws {TrustError} `chain/wrong-chain`
 */
export async function gather(
  verifier: Verifier,
  input: string | Uint8Array,
  { at }: { readonly at?: Date } = {},
): Promise<ReadEvidence> {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  return gatherAt(verifier, await verifier.chain.view(at), text, at)
}

/**
 * The same at a view that the caller holds, so that many presentations are read at one block.
 *
 * @param at the moment that the view was asked for; default now.
 */
export async function gatherAt(
  verifier: Verifier,
  view: ChainView,
  input: string,
  at?: Date,
): Promise<ReadEvidence> {
  const { block } = view
  const asked = at ?? verifier.now()
  const presentation = readable(input)
  if (presentation === undefined) return readEvidence({ input, asked, block, credentials: [] })
  const gathered = await Promise.all(
    presentation.map(async (presented) => {
      const found = await findKey(verifier, view, presented.credential)
      const { jwk, department, isSigned } = found
      const mayGoOn = isSigned === true && department !== undefined
      const facts = mayGoOn
        ? await readFacts(verifier, view, presented, found, at === undefined)
        : undefined
      return { isSigned, credential: { jwk, department, facts } }
    }),
  )
  return readEvidence(
    { input, asked, block, credentials: gathered.map((one) => one.credential) },
    { presentation, signatures: gathered.map((one) => one.isSigned) },
  )
}

function readable(input: string): ParsedPresentation | undefined {
  try {
    return parsePresentation(input)
  } catch (error) {
    if (isWeirError(error)) return undefined
    throw error
  }
}
