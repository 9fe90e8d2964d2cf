import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { InputError } from '../../errors.ts'

/** Which addresses may be asked. */
export type Reach = {
  /** Origins that the operator names (`https://registry.example`): whatever address they have, http too. */
  readonly origins: ReadonlySet<string>
  /** Loopback, with http, for a development profile; every other private address stays closed. */
  readonly isLoopbackOpen: boolean
}

/** An address that was read. */
export type Target = {
  readonly url: URL
  /** Whether the operator names this origin. */
  readonly isOurs: boolean
}

const longest = 2048
/** Host names in ASCII, plain IPv4 and bracketed IPv6 addresses; no user information, no escapes. */
const written = /^https?:\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?][\x21-\x7e]*)?$/i

/**
 * Reads an address that may come from outside.
 *
 * @throws {InputError} `fetch/bad-address` with a `reason`: `spelling` for anything that two parsers could
 *   read as two hosts (user information, a number as decimal, octal or hexadecimal, a trailing dot, an
 *   escape, a backslash, white space), `scheme`, `private` for a host that is no global unicast address.
 */
export function readTarget(address: string, reach: Reach): Target {
  const host = address.length <= longest ? written.exec(address)?.[1]?.toLowerCase() : undefined
  const url = URL.parse(address)
  if (host === undefined || url === null || host !== url.hostname || host.endsWith('.'))
    throw bad('spelling')
  const literal = literalOf(host)
  const isOurs = reach.origins.has(url.origin)
  if (isOurs) return { url, isOurs }
  const isLoopback = reach.isLoopbackOpen && (host === 'localhost' || isLoopbackNumber(literal))
  if (url.protocol !== 'https:' && !isLoopback) throw bad('scheme')
  if (isIP(literal) !== 0 && !mayReach(reach, host, literal)) throw bad('private')
  // A name without a dot is one of the own network.
  if (!host.includes('.') && !host.startsWith('[') && !isLoopback) throw bad('private')
  return { url, isOurs }
}

/** Whether `host`, an origin that nobody named, may be connected to at this numeric address. */
export function mayReach(reach: Reach, host: string, address: string): boolean {
  if (isGlobalUnicast(address)) return true
  const isOwn = host === 'localhost' || isLoopbackNumber(literalOf(host))
  return reach.isLoopbackOpen && isOwn && isLoopbackNumber(address)
}

/**
 * Whether an IP address is one of the public Internet's. Not so: private, loopback, link-local, shared
 * (CGNAT), multicast and reserved ones, and every IPv6 form that carries an IPv4 address inside (mapped,
 * compatible, 6to4, NAT64, Teredo), since what is reached is then that one.
 */
export function isGlobalUnicast(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  // RFC 4291 section 2.4: of IPv6 only 2000::/3 is global unicast so far.
  return parsed.kind() === 'ipv4' || (parsed.toByteArray()[0]! & 0xe0) === 0x20
}

function literalOf(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

function isLoopbackNumber(address: string): boolean {
  return isIP(address) !== 0 && ipaddr.parse(address).range() === 'loopback'
}

function bad(reason: 'spelling' | 'scheme' | 'private'): InputError {
  return new InputError('fetch/bad-address', { reason })
}
