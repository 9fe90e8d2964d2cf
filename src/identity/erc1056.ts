/** Where an event stands in the chain; two events of one DID never share block and log index. */
type EventPlace = {
  readonly block: number
  /** The block's time. */
  readonly time: Date
  readonly logIndex: number
}

/** What ERC-1056 (EthereumDIDRegistry) emits about one address, in its words. All values `0x` hex. */
export type Erc1056Event = EventPlace &
  (
    | { readonly event: 'DIDOwnerChanged'; readonly owner: string }
    | {
        readonly event: 'DIDDelegateChanged'
        /** bytes32. */
        readonly delegateType: string
        readonly delegate: string
        /** Seconds; the registry adds without a bound, so it may exceed any date. */
        readonly validTo: bigint
      }
    | {
        readonly event: 'DIDAttributeChanged'
        /** bytes32. */
        readonly name: string
        readonly value: string
        readonly validTo: bigint
      }
  )

/** A delegate or attribute that holds, with the number that its identifier in the document carries. */
export type Entry = {
  readonly number: number
  /** `veriKey`, `sigAuth`; an attribute's name; decoded. */
  readonly name: string
  /** Address of the delegate, or the attribute's value; `0x` hex. */
  readonly value: string
}

/** A DID's state after the events that count. */
export type Erc1056State = {
  /** The controlling address; undefined: deactivated for good. */
  readonly owner: string | undefined
  readonly delegates: readonly Entry[]
  readonly keys: readonly Entry[]
  readonly services: readonly Entry[]
  /** The last event that counted; undefined: none yet. */
  readonly version: EventPlace | undefined
  /** The first event after the moment asked about. */
  readonly next: EventPlace | undefined
}

const zeroAddress = `0x${'0'.repeat(40)}`
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** bytes32 as text without its trailing zeros; undefined if it is not UTF-8: no event about a DID. */
function nameOf(bytes32: string): string | undefined {
  try {
    return utf8.decode(bytesOf(bytes32)).replace(/\0+$/, '')
  } catch {
    return undefined
  }
}

/** Bytes of `0x` hex that a log decoder wrote. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array((hex.length - 2) / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16)
  }
  return bytes
}

/**
 * Plays a DID's events up to a moment.
 *
 * Numbers are stable: every delegate event and every `did/pub/` attribute counts for keys, every
 * `did/svc/` attribute for services, whether it holds, has ended or is revoked. A later event about the
 * same delegate or the same value replaces the earlier one. Nothing after an owner of zero counts.
 *
 * @param address the DID's own address, which is its owner until an event says otherwise.
 * @param events all events about the address, in any order.
 * @param at the moment, which must be the time of a block (never a local clock): entries hold while
 *   `validTo > at`, as the registry itself compares, so that a revocation counts from its own block on.
 * @param block events of later blocks do not count; undefined: all whose time is not after `at`.
 * @see did:ethr method specification, "Enumerating Contract Events to build the DID Document"
 */
export function foldErc1056(
  address: string,
  events: readonly Erc1056Event[],
  at: Date,
  block?: number,
): Erc1056State {
  const ordered = [...events].sort((a, b) => a.block - b.block || a.logIndex - b.logIndex)
  const later = ordered.findIndex((event) =>
    block === undefined ? event.time > at : event.block > block,
  )
  const counted = later < 0 ? ordered : ordered.slice(0, later)
  const seconds = BigInt(Math.floor(at.getTime() / 1000))
  const delegates = new Map<string, Entry>()
  const keys = new Map<string, Entry>()
  const services = new Map<string, Entry>()
  // A long history has few names.
  const names = new Map<string, string | undefined>()
  let owner: string | undefined = address
  let version: EventPlace | undefined
  let keyCount = 0
  let serviceCount = 0

  for (const event of counted) {
    version = event
    if (event.event === 'DIDOwnerChanged') {
      owner = event.owner === zeroAddress ? undefined : event.owner
      if (owner === undefined) break
      continue
    }
    const isDelegate = event.event === 'DIDDelegateChanged'
    const bytes32 = isDelegate ? event.delegateType : event.name
    if (!names.has(bytes32)) names.set(bytes32, nameOf(bytes32))
    const name = names.get(bytes32)
    if (name === undefined) continue
    const value = isDelegate ? event.delegate : event.value
    let entries = delegates
    let number = 0
    if (isDelegate) number = ++keyCount
    else if (name.startsWith('did/pub/')) {
      entries = keys
      number = ++keyCount
    } else if (name.startsWith('did/svc/')) {
      entries = services
      number = ++serviceCount
    } else continue
    const subject = `${name}\0${value}`
    if (event.validTo > seconds) entries.set(subject, { number, name, value })
    else entries.delete(subject)
  }

  const isGone = owner === undefined
  const list = (entries: Map<string, Entry>) => (isGone ? [] : [...entries.values()])
  return {
    owner,
    delegates: list(delegates),
    keys: list(keys),
    services: list(services),
    version,
    next: isGone || later < 0 ? undefined : ordered[later],
  }
}
