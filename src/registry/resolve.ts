import { type DIDResolutionResult, Resolver } from 'did-resolver'
import { getResolver } from '../identity/resolver.ts'
import { pastOf } from './lookUp.ts'
import type { Registry } from './model.ts'

/**
 * Resolves a did:ethr of this chain as far as the registry has read it.
 *
 * @param did a DID, without parameters.
 * @param query the DID URL's query without its `?`: `versionId` or `versionTime`; anything else is refused.
 * @returns a result, with `didResolutionMetadata.error` where there is no document.
 * @throws {OutsideError} `mirror/not-ready`
 * @see DID Resolution, section 4; did:ethr method specification
 */
export async function resolveDid(
  { chain }: Pick<Registry, 'chain'>,
  did: string,
  query: string,
): Promise<DIDResolutionResult> {
  pastOf({ chain })
  const { chainId } = chain.identity
  const resolver = new Resolver(getResolver({ chainId, source: chain.dids }))
  const result = await resolver.resolve(query === '' ? did : `${did}?${query}`)
  const { error } = result.didResolutionMetadata
  // did-resolver's word for a method that nobody here resolves.
  if (error === 'unsupportedDidMethod') return failed('methodNotSupported')
  return result
}

function failed(error: string): DIDResolutionResult {
  return { didResolutionMetadata: { error }, didDocument: null, didDocumentMetadata: {} }
}
