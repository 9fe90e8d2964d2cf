import { InputError } from '../errors.ts'

/** A did:ethr taken apart; `did` is its one canonical spelling. */
export type EthrDid = {
  readonly did: string
  /** Lower-case `0x` hex, 20 bytes, never zero. */
  readonly address: string
  readonly chainId: number
}

/** A DID URL: at most one fragment, at most one version. */
export type EthrDidUrl = EthrDid & {
  /** Without the `#`: `controller` or `delegate-N` and the like. */
  readonly fragment: string | undefined
  /** A block number, or a moment; undefined: latest. */
  readonly version: { readonly block: number } | { readonly time: Date } | undefined
}

const didPattern = /^did:ethr:0x([0-9a-f]+):(0x[0-9a-f]{40})$/
const urlPattern = /^([^?#/]*)(?:\?([^#]*))?(?:#(.*))?$/
const fragmentPattern = /^[A-Za-z0-9._-]{1,64}$/
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const zeroAddress = `0x${'0'.repeat(40)}`
const maxLength = 512

/**
 * Writes a department's DID.
 *
 * @param chainId a safe integer above zero.
 * @param address 20 bytes, `0x` hex in any case.
 * @returns `did:ethr:0x<chain id>:0x<address>`, all lower-case.
 * @throws {InputError} `did/malformed`, `did/zero-address`.
 */
export function formatEthrDid(chainId: number, address: string): string {
  if (!Number.isSafeInteger(chainId) || chainId < 1) throw new InputError('did/malformed')
  const did = `did:ethr:0x${chainId.toString(16)}:${address.toLowerCase()}`
  return parseEthrDid(did).did
}

/**
 * Reads a DID in its canonical spelling only. Mixed case, the public-key form, network names and the
 * short form for mainnet are other spellings of a DID, or another DID: they are refused, see
 * {@link canonicalEthrDid}.
 *
 * @throws {InputError} `did/malformed`, `did/zero-address`.
 * @see did:ethr method specification, "Method Specific Identifier"
 */
export function parseEthrDid(did: string): EthrDid {
  const match = did.length <= maxLength ? didPattern.exec(did) : null
  const network = match?.[1]
  const address = match?.[2]
  if (network === undefined || address === undefined) throw new InputError('did/malformed')
  const chainId = Number.parseInt(network, 16)
  if (!Number.isSafeInteger(chainId) || chainId < 1 || chainId.toString(16) !== network) {
    throw new InputError('did/malformed')
  }
  if (address === zeroAddress) throw new InputError('did/zero-address')
  return { did, address, chainId }
}

/**
 * Makes the canonical spelling of a DID written with another letter case of the address or chain id.
 * The method name stays case-sensitive, and the public-key form is refused: its bearer writes the address.
 *
 * @throws {InputError} `did/malformed`, `did/zero-address`.
 */
export function canonicalEthrDid(did: string): string {
  const prefix = 'did:ethr:'
  if (!did.startsWith(prefix)) throw new InputError('did/malformed')
  const rest = did.slice(prefix.length)
  if (/0X/.test(rest)) throw new InputError('did/malformed')
  return parseEthrDid(prefix + rest.toLowerCase()).did
}

/**
 * Reads a DID URL. `versionId` and `versionTime` are the only parameters, one of them, once.
 *
 * @throws {InputError} `did/malformed`, `did/zero-address`, `did/unknown-parameter`, `did/bad-version`.
 * @see DID Core, section 3.2.1 (versionTime: UTC, no fraction of a second)
 */
export function parseEthrDidUrl(url: string): EthrDidUrl {
  const match = url.length <= maxLength ? urlPattern.exec(url) : null
  if (match === null) throw new InputError('did/malformed')
  const [, did = '', query, fragment] = match
  if (fragment !== undefined && !fragmentPattern.test(fragment)) {
    throw new InputError('did/malformed')
  }
  return { ...parseEthrDid(did), fragment, version: readVersion(query) }
}

/**
 * Reads the query part of a DID URL, without its `?`.
 *
 * @returns what it asks for, undefined: latest.
 * @throws {InputError} `did/unknown-parameter`, `did/bad-version`.
 */
export function readVersion(query: string | undefined): EthrDidUrl['version'] {
  if (query === undefined) return undefined
  const at = query.indexOf('=')
  const name = at < 0 ? query : query.slice(0, at)
  if (name !== 'versionId' && name !== 'versionTime') throw new InputError('did/unknown-parameter')
  const value = query.slice(at + 1)
  if (at < 0 || value.includes('&')) throw new InputError('did/bad-version')
  return name === 'versionId' ? { block: blockNumber(value) } : { time: versionTime(value) }
}

function blockNumber(text: string): number {
  const block = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(block)) throw new InputError('did/bad-version')
  return block
}

function versionTime(text: string): Date {
  // A colon may stand percent-encoded in a query (RFC 3986 section 3.4); nothing else needs it.
  const plain = text.replaceAll('%3A', ':')
  const time = timePattern.test(plain) ? new Date(plain) : new Date(Number.NaN)
  // 2026-02-30 parses as 2 March: only a time that reads back the same is one.
  if (Number.isNaN(time.getTime()) || time.toISOString().replace('.000', '') !== plain) {
    throw new InputError('did/bad-version')
  }
  return time
}
