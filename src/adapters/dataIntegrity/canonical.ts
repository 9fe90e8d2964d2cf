import { sha256 } from '#primitives'
import type { JsonObject } from '../../credential/model.ts'
import { InputError } from '../../errors.ts'
import { concat } from '../../primitives/bytes.ts'
import { isUrl } from '../../vcdm/read.ts'
import { type Loader, refusalOf } from './loader.ts'

/** Real documents take milliseconds; a graph made to be hard is given up. */
const maxMilliseconds = 2_000

/**
 * What a document says, as canonical N-Quads (RDFC-1.0), read by its contexts in safe mode.
 *
 * @throws {InputError} `integrity/unknown-context`; `integrity/undefined-term` if a word would be dropped
 *   or stands for no URL, or the graph takes too long.
 */
export async function canonical(document: JsonObject, loader: Loader): Promise<string> {
  // A fifth of a second of every start; most never need it.
  const { cryptosuite } = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite')
  let text: string
  try {
    // The library asks objects for their prototype's methods; ours have none.
    text = await cryptosuite.canonize(JSON.parse(JSON.stringify(document)), {
      documentLoader: loader,
      base: null,
      safe: true,
      signal: AbortSignal.timeout(maxMilliseconds),
    })
  } catch (error) {
    throw refusalOf(error)
  }
  // The library takes whatever has a colon for an address.
  for (const [, iri] of text.replaceAll(literal, '').matchAll(/<([^>]*)>/g)) {
    if (!isUrl(iri)) throw new InputError('integrity/undefined-term', { why: 'no URL' })
  }
  return text
}

const literal = /"(?:[^"\\]|\\.)*"/g

/**
 * What an `eddsa-rdfc-2022` proof signs: SHA-256 of the canonical proof configuration, then SHA-256 of the
 * canonical document, 64 bytes.
 *
 * @param document without its own proof; with the proofs that this one builds on.
 * @param configuration the proof without `proofValue`; it is read by the document's own contexts.
 * @throws {InputError} as {@link canonical}
 * @see Data Integrity EdDSA Cryptosuites 1.0, sections 3.2.3 to 3.2.5
 */
export async function hashOf(
  document: JsonObject,
  configuration: JsonObject,
  loader: Loader,
): Promise<Uint8Array> {
  const context = document['@context']!
  const proof = await canonical({ ...configuration, '@context': context }, loader)
  return concat(sha256(proof), sha256(await canonical(document, loader)))
}
