import type {
  DIDResolutionOptions,
  DIDResolutionResult,
  DIDResolver,
  ParsedDID,
} from 'did-resolver'
import { OutsideError } from '../errors.ts'
import { type EthrDid, type EthrDidUrl, parseEthrDid, readVersion } from './did.ts'
import { didDocument } from './document.ts'
import { type Erc1056Event, foldErc1056 } from './erc1056.ts'

/** Where ERC-1056 events come from: this process's mirror of the chain, or a node. */
export type Erc1056Source = {
  /**
   * All events about one address up to the last final block, which is `head`.
   *
   * @param address lower-case `0x` hex.
   * @throws {OutsideError} if the chain cannot be read now.
   */
  history(address: string): Promise<{
    readonly head: { readonly number: number; readonly time: Date }
    readonly events: readonly Erc1056Event[]
  }>
  /** Time of a final block; undefined if there is none of this number yet. */
  blockTime(block: number): Promise<Date | undefined>
}

/** Histories above this are refused: an owner who writes without end must not stall its readers. */
const maxEvents = 100_000

/**
 * The did:ethr method for a `did-resolver` 4 `Resolver`, for one chain.
 *
 * `versionId` (block number) and `versionTime` (UTC, whole seconds) come as DID URL query or as option;
 * latest is the state at the last final block, judged by that block's time. As did-resolver wants,
 * failures are results with `didResolutionMetadata.error`: `invalidDid`, `unknownNetwork`,
 * `invalidDidUrl`, `representationNotSupported`, `notFound` (a version that the chain has not reached)
 * and `internalError` (the source failed); nothing falls back to latest.
 *
 * @see DID Core, section 7.1; did:ethr method specification, "Resolving DID URIs with query parameters"
 */
export function getResolver(options: {
  readonly chainId: number
  readonly source: Erc1056Source
}): { ethr: DIDResolver } {
  return {
    ethr: (_did, parsed, _resolver, asked) =>
      resolve(options.chainId, options.source, parsed, asked),
  }
}

async function resolve(
  chainId: number,
  source: Erc1056Source,
  parsed: ParsedDID,
  asked: DIDResolutionOptions,
): Promise<DIDResolutionResult> {
  let did: EthrDid
  let version: EthrDidUrl['version']
  try {
    did = parseEthrDid(parsed.did)
  } catch {
    return failure('invalidDid')
  }
  if (did.chainId !== chainId) return failure('unknownNetwork')
  if (parsed.params !== undefined || parsed.path !== undefined) return failure('invalidDidUrl')
  try {
    version = wanted(parsed.query, asked)
  } catch {
    return failure('invalidDidUrl')
  }
  const contentType = asked.accept ?? 'application/did+ld+json'
  if (contentType !== 'application/did+ld+json' && contentType !== 'application/did+json') {
    return failure('representationNotSupported')
  }
  try {
    const found = await stateOf(source, did.address, version)
    if (found === undefined) return failure('notFound')
    const { '@context': context, ...document } = didDocument(did.did, chainId, found)
    const plain = contentType === 'application/did+json' || context === undefined
    return {
      didResolutionMetadata: { contentType },
      didDocument: plain ? document : { '@context': context, ...document },
      didDocumentMetadata: {
        ...(found.owner === undefined && { deactivated: true }),
        ...(found.version && {
          versionId: String(found.version.block),
          updated: seconds(found.version.time),
        }),
        ...(found.next && {
          nextVersionId: String(found.next.block),
          nextUpdate: seconds(found.next.time),
        }),
      },
    }
  } catch {
    return failure('internalError')
  }
}

/** Options say it in the words of DID Core too; said twice or in other words, it is refused. */
function wanted(query: string | undefined, options: DIDResolutionOptions): EthrDidUrl['version'] {
  const said = [
    query,
    ...['versionId', 'versionTime']
      .filter((name) => options[name] !== undefined)
      .map((name) => `${name}=${String(options[name])}`),
  ].filter((one) => one !== undefined)
  // Two are joined into a value that is refused.
  return readVersion(said.length === 0 ? undefined : said.join('&'))
}

async function stateOf(source: Erc1056Source, address: string, version: EthrDidUrl['version']) {
  const { head, events } = await source.history(address)
  if (events.length > maxEvents) throw new OutsideError('did/history-too-long')
  if (version === undefined) return foldErc1056(address, events, head.time, head.number)
  if ('time' in version) {
    // What holds at a time that no block has reached may still change.
    return version.time > head.time ? undefined : foldErc1056(address, events, version.time)
  }
  if (version.block > head.number) return undefined
  const time = await source.blockTime(version.block)
  return time && foldErc1056(address, events, time, version.block)
}

function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function failure(error: string): DIDResolutionResult {
  return { didResolutionMetadata: { error }, didDocument: null, didDocumentMetadata: {} }
}
