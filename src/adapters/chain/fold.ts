import type { AccreditationRecord } from '../../accreditation/model.ts'
import { linkOf, zeroLink } from '../../anchor/link.ts'
import type { AnchorRecord } from '../../anchor/model.ts'
import { OutsideError } from '../../errors.ts'
import type { Erc1056Event } from '../../identity/erc1056.ts'
import type { BlockRef, DepartmentRecord, KeyRecord } from '../../identity/model.ts'
import type { ContractName } from './abi.ts'
import { addressOrNone, dateOf, purposes, rightsOf, timeOf } from './records.ts'
import { rollBack, setVersion, type Versions, versionAt } from './versions.ts'

/** One event of our contracts, as the mirror keeps it; integers as decimal text, bytes as lower-case hex. */
export type MirrorEvent = {
  readonly block: number
  /** Seconds since 1970 of the block. */
  readonly seconds: number
  readonly transactionIndex: number
  readonly logIndex: number
  readonly contract: ContractName
  readonly name: string
  readonly args: Readonly<Record<string, string>>
}

/** A key before recoveries of its department are looked at. */
type FoldedKey = KeyRecord & { readonly epoch: string }

/** All that the contracts' events say, at each block; made by {@link fold} alone. */
export type Fold = {
  /** Everything up to here is in; undefined: nothing yet. */
  head: BlockRef | undefined
  readonly departments: Versions<DepartmentRecord>
  readonly keys: Versions<FoldedKey>
  /** By department and epoch. */
  readonly recoveries: Versions<Date>
  /** By department and type: all records, each as it was. */
  readonly accreditations: Versions<readonly AccreditationRecord[]>
  /** By issuer, position is sequence - 1. */
  readonly anchors: Map<string, AnchorRecord[]>
  /** By issuer, list and word. */
  readonly words: Versions<bigint>
  /** By DID address, in the chain's order. */
  readonly dids: Map<string, Erc1056Event[]>
}

/** A fold of nothing. */
export function emptyFold(): Fold {
  return {
    head: undefined,
    departments: new Map(),
    keys: new Map(),
    recoveries: new Map(),
    accreditations: new Map(),
    anchors: new Map(),
    words: new Map(),
    dids: new Map(),
  }
}

/**
 * Takes in the events of the blocks after the head, up to a new head. Order and repetition do not
 * matter: each event counts once, at its place; those at or below the old head are in already.
 *
 * @throws {OutsideError} `chain/inconsistent` if an event cannot follow what came before it (one is
 *   missing): the fold is then as it was at the old head.
 */
export function fold(into: Fold, events: readonly MirrorEvent[], head: BlockRef): void {
  const from = into.head?.number ?? -1
  const fresh = new Map<string, MirrorEvent>()
  for (const event of events) {
    if (event.block > from && event.block <= head.number) {
      fresh.set(`${event.block}/${event.logIndex}`, event)
    }
  }
  const ordered = [...fresh.values()].sort((a, b) => a.block - b.block || a.logIndex - b.logIndex)
  try {
    for (const event of ordered) handlers[event.name]?.(into, event)
  } catch (error) {
    forget(into, from)
    throw error
  }
  into.head = head
}

/** Goes back to an earlier head: what came after fell back. */
export function unfold(from: Fold, head: BlockRef | undefined): void {
  forget(from, head?.number ?? -1)
  from.head = head
}

function forget(into: Fold, block: number): void {
  for (const versions of [into.departments, into.keys, into.recoveries, into.words]) {
    rollBack<unknown>(versions as Versions<unknown>, block)
  }
  rollBack(into.accreditations, block)
  for (const placed of [...into.anchors.values(), ...into.dids.values()]) {
    while (placed.length > 0 && placed.at(-1)!.block > block) placed.pop()
  }
}

type Handler = (into: Fold, event: MirrorEvent) => void

const handlers: Readonly<Record<string, Handler>> = Object.assign(Object.create(null), {
  DepartmentRegistered(into, { block, seconds, args }) {
    const department = args.department!
    if (versionAt(into.departments, department, block) !== undefined) throw inconsistent(args)
    setVersion(into.departments, department, block, {
      department,
      account: `0x${'0'.repeat(40)}`,
      accreditor: addressOrNone(args.accreditor!),
      registeredAt: new Date(seconds * 1000),
      removedAt: undefined,
    })
  },
  DepartmentRemoved(into, { block, seconds, args }) {
    changeDepartment(into, block, args, { removedAt: new Date(seconds * 1000) })
  },
  AccountChanged(into, { block, args }) {
    changeDepartment(into, block, args, { account: args.account! })
  },
  DepartmentRecovered(into, { block, seconds, args }) {
    changeDepartment(into, block, args, { account: `0x${'0'.repeat(40)}` })
    const name = `${args.department}/${args.epoch}`
    setVersion(into.recoveries, name, block, new Date(seconds * 1000))
  },
  KeyConfirmed(into, { block, seconds, args }) {
    const thumbprint = args.thumbprint!
    if (versionAt(into.keys, thumbprint, block) !== undefined) throw inconsistent(args)
    setVersion(into.keys, thumbprint, block, {
      department: args.department!,
      thumbprint,
      purpose: purposes[Number(args.purpose) - 1] ?? 'request',
      epoch: args.epoch!,
      certificateHash: args.certificateHash!,
      validFrom: new Date(seconds * 1000),
      retiredAt: undefined,
      compromisedSince: undefined,
    })
  },
  KeyRetired(into, { block, seconds, args }) {
    changeKey(into, block, args, { retiredAt: new Date(seconds * 1000) })
  },
  KeyCompromised(into, { block, args }) {
    changeKey(into, block, args, { compromisedSince: dateOf(BigInt(args.since!)) })
  },
  Accredited(into, { block, args }) {
    const [name, records] = recordsOf(into, block, args)
    const index = Number(args.index)
    if (index !== records.length) throw inconsistent(args)
    const by = addressOrNone(args.by!)
    const record: AccreditationRecord = {
      department: args.department!,
      certificateType: args.certificateType!,
      index,
      rights: rightsOf(Number(args.rights)),
      from: timeOf(BigInt(args.from!)),
      until: timeOf(BigInt(args.until!)),
      withdrawnAt: undefined,
      removedAt: undefined,
      by: by === undefined ? undefined : { department: by, index: Number(args.byIndex) },
      depth: Number(args.depth),
    }
    setVersion(into.accreditations, name, block, [...records, record])
  },
  AccreditationWithdrawn(into, { block, seconds, args }) {
    const [name, records] = recordsOf(into, block, args)
    const index = Number(args.index)
    const record = records[index]
    if (record === undefined || record.withdrawnAt !== undefined) throw inconsistent(args)
    const withdrawn = { ...record, withdrawnAt: new Date(seconds * 1000) }
    setVersion(into.accreditations, name, block, records.with(index, withdrawn))
  },
  Anchored(into, { block, seconds, args }) {
    const issuer = args.issuer!
    const own = into.anchors.get(issuer) ?? []
    const last = own.at(-1)
    const record: AnchorRecord = {
      issuer,
      sequence: Number(args.sequence),
      previous: args.previous!,
      root: args.root!,
      size: Number(args.size),
      block,
      time: new Date(seconds * 1000),
    }
    const previous = last === undefined ? zeroLink : linkOf(last)
    if (record.sequence !== own.length + 1 || record.previous !== previous) throw inconsistent(args)
    own.push(record)
    into.anchors.set(issuer, own)
  },
  StatusChanged(into, { block, args }) {
    const name = `${args.issuer}/${args.list}/${args.word}`
    const before = versionAt(into.words, name, block) ?? 0n
    const value = BigInt(args.value!)
    // The low bit of an entry is final: whatever had it keeps both bits.
    const final = before & lowBits
    if (((before ^ value) & (final | (final << 1n))) !== 0n) throw inconsistent(args)
    setVersion(into.words, name, block, value)
  },
  DIDOwnerChanged(into, event) {
    addDid(into, event, { event: 'DIDOwnerChanged', owner: event.args.owner! })
  },
  DIDDelegateChanged(into, event) {
    const { delegateType, delegate, validTo } = event.args
    addDid(into, event, {
      event: 'DIDDelegateChanged',
      delegateType: delegateType!,
      delegate: delegate!,
      validTo: BigInt(validTo!),
    })
  },
  DIDAttributeChanged(into, event) {
    const { name, value, validTo } = event.args
    addDid(into, event, {
      event: 'DIDAttributeChanged',
      name: name!,
      value: value!,
      validTo: BigInt(validTo!),
    })
  },
} satisfies Record<string, Handler>)

const lowBits = BigInt(`0x${'55'.repeat(32)}`)

type Args = MirrorEvent['args']

function changeDepartment(
  into: Fold,
  block: number,
  args: Args,
  change: Partial<DepartmentRecord>,
) {
  const before = versionAt(into.departments, args.department!, block)
  if (before === undefined) throw inconsistent(args)
  setVersion(into.departments, before.department, block, { ...before, ...change })
}

function changeKey(into: Fold, block: number, args: Args, change: Partial<KeyRecord>): void {
  const before = versionAt(into.keys, args.thumbprint!, block)
  if (before === undefined) throw inconsistent(args)
  setVersion(into.keys, before.thumbprint, block, { ...before, ...change })
}

function recordsOf(into: Fold, block: number, args: Args) {
  const name = `${args.department}/${args.certificateType}`
  return [name, versionAt(into.accreditations, name, block) ?? []] as const
}

type DidChange = Erc1056Event extends infer E
  ? E extends unknown
    ? Omit<E, 'block' | 'time' | 'logIndex'>
    : never
  : never

function addDid(into: Fold, event: MirrorEvent, change: DidChange): void {
  const { block, seconds, logIndex, args } = event
  const own = into.dids.get(args.identity!) ?? []
  own.push({ block, time: new Date(seconds * 1000), logIndex, ...change } as Erc1056Event)
  into.dids.set(args.identity!, own)
}

function inconsistent(args: Args): OutsideError {
  const about = args.department ?? args.issuer ?? args.thumbprint ?? ''
  return new OutsideError('chain/inconsistent', { about })
}
