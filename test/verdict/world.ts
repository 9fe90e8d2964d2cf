import { createHash } from 'node:crypto'
import { generateKeyPair, importPrivateKey, sign } from '#primitives'
import type { AccreditationChain, AccreditationRecord } from '../../src/accreditation/model.ts'
import { groupOf, linkOf, zeroLink } from '../../src/anchor/link.ts'
import type { AnchorRecord, StateProof, StorageSlot } from '../../src/anchor/model.ts'
import { pathOf } from '../../src/anchor/proof.ts'
import {
  accreditationSlots,
  anchorSlot,
  departmentSlots,
  keySlots,
  recoverySlot,
  statusSlot,
} from '../../src/anchor/slots.ts'
import { arrange, leafHash, positionOf, treeOf } from '../../src/anchor/tree.ts'
import { fingerprint } from '../../src/credential/fingerprint.ts'
import type { PublicJwk } from '../../src/credential/model.ts'
import type {
  BlockRef,
  ChainIdentity,
  DepartmentRecord,
  KeyPurpose,
  KeyRecord,
} from '../../src/identity/model.ts'
import { thumbprint } from '../../src/identity/thumbprint.ts'
import type { Chain, ChainView, LeafReader } from '../../src/ports/chain.ts'
import { hex } from '../../src/primitives/bytes.ts'
import type { PrivateJwk } from '../../src/primitives/model.ts'
import type { Status } from '../../src/status/model.ts'
import { changed, wordOf } from '../../src/status/word.ts'
import { codeHashIn, proveWorld } from '../anchor/world.ts'

/** The sample chain; its clock starts here, in seconds, and every step is a block. */
export const chainId = 7001
export const start = 1_790_000_000

const address = (byte: string) => `0x${byte.repeat(20)}`
const contracts = {
  didRegistry: address('d1'),
  departmentRegistry: address('d2'),
  anchorRegistry: address('d3'),
  statusRegistry: address('d4'),
}

/** The sample deployment. */
export const deployment: ChainIdentity = {
  chainId,
  genesisHash: `0x${'99'.repeat(32)}`,
  contracts,
  codeHashes: {
    didRegistry: codeHashIn(contracts.didRegistry),
    departmentRegistry: codeHashIn(contracts.departmentRegistry),
    anchorRegistry: codeHashIn(contracts.anchorRegistry),
    statusRegistry: codeHashIn(contracts.statusRegistry),
  },
}

/** A key pair with its name. */
export type SampleKey = { privateJwk: PrivateJwk; jwk: PublicJwk; thumbprint: string }

/** A new P-256 key. */
export function newKey(): SampleKey {
  const { privateJwk, publicJwk } = generateKeyPair()
  return { privateJwk, jwk: publicJwk, thumbprint: thumbprint(publicJwk) }
}

/** Signs ASCII text with a sample key. */
export function signed(key: SampleKey, text: string): Uint8Array {
  return sign(importPrivateKey(key.privateJwk), text)
}

/** How the chain names a certificate type. */
export function typeHash(uri: string): string {
  return `0x${createHash('sha256').update(uri).digest('hex')}`
}

/** The rules of the contracts as plain data: what they keep, and one block for each change. */
export function newWorld() {
  let seconds = start
  let number = 100
  const departments = new Map<string, DepartmentRecord & { epoch: number }>()
  const keys = new Map<string, KeyRecord & { epoch: number }>()
  const recoveries = new Map<string, Date>()
  const accreditations = new Map<string, AccreditationRecord[]>()
  const anchors = new Map<string, AnchorRecord[]>()
  const batches = new Map<string, Uint8Array>()
  const words = new Map<string, { issuer: string; list: number; word: number; value: bigint }>()
  const shown = new Map<string, PublicJwk[]>()

  const now = () => new Date(seconds * 1000)
  const recordsOf = (department: string, type: string) =>
    accreditations.get(`${department}/${type}`) ?? []

  const world = {
    now,
    /** Lets time pass. */
    pass(more: number) {
      seconds += more
      number += 1
    },
    register(department: string) {
      departments.set(department, {
        department,
        account: department,
        accreditor: undefined,
        registeredAt: now(),
        removedAt: undefined,
        epoch: 0,
      })
      return `did:ethr:0x${chainId.toString(16)}:${department}`
    },
    remove(department: string) {
      departments.set(department, { ...departments.get(department)!, removedAt: now() })
    },
    addKey(
      department: string,
      key: SampleKey,
      purpose: KeyPurpose = 'assertion',
      certificateHash = `0x${'cc'.repeat(32)}`,
    ) {
      const did = `did:ethr:0x${chainId.toString(16)}:${department}`
      shown.set(did, [...(shown.get(did) ?? []), key.jwk])
      keys.set(key.thumbprint, {
        department,
        thumbprint: key.thumbprint,
        purpose,
        certificateHash,
        validFrom: now(),
        retiredAt: undefined,
        compromisedSince: undefined,
        epoch: departments.get(department)?.epoch ?? 0,
      })
    },
    retire(key: SampleKey) {
      keys.set(key.thumbprint, { ...keys.get(key.thumbprint)!, retiredAt: now() })
    },
    compromise(key: SampleKey, since: Date = now()) {
      keys.set(key.thumbprint, { ...keys.get(key.thumbprint)!, compromisedSince: since })
    },
    recover(department: string) {
      const record = departments.get(department)!
      recoveries.set(`${department}/${record.epoch}`, now())
      departments.set(department, { ...record, epoch: record.epoch + 1 })
    },
    accredit(department: string, type: string, record: Partial<AccreditationRecord> = {}) {
      const certificateType = typeHash(type)
      const records = recordsOf(department, certificateType)
      records.push({
        department,
        certificateType,
        index: records.length,
        rights: ['issue', 'accredit'],
        from: now(),
        until: new Date((seconds + 10 * 365 * 86_400) * 1000),
        withdrawnAt: undefined,
        removedAt: undefined,
        by: undefined,
        depth: 0,
        ...record,
      })
      accreditations.set(`${department}/${certificateType}`, records)
    },
    withdraw(department: string, type: string, index = 0) {
      const records = recordsOf(department, typeHash(type))
      records[index] = { ...records[index]!, withdrawnAt: now() }
    },
    /** Anchors fingerprints in a batch of their own, with the padding that it needs. */
    anchor(issuer: string, fingerprints: readonly Uint8Array[]): number {
      const sequence = (anchors.get(issuer)?.length ?? 0) + 1
      const padding = Array.from({ length: 16 }, (_, n) =>
        createHash('sha256').update(`padding/${issuer}/${sequence}/${n}`).digest(),
      )
      const leaves = arrange(fingerprints.map(leafHash), padding)
      const tree = treeOf(leaves)
      const before = anchors.get(issuer) ?? []
      const record: AnchorRecord = {
        issuer,
        sequence,
        previous: before.length === 0 ? zeroLink : linkOf(before.at(-1)!),
        root: `0x${hex(tree.levels.at(-1)!)}`,
        size: tree.size,
        block: number,
        time: now(),
      }
      anchors.set(issuer, [...before, record])
      batches.set(`${issuer}/${sequence}`, leaves)
      return sequence
    },
    setStatus(issuer: string, list: number, index: number, to: Status) {
      const { word, entry } = wordOf(index)
      const key = `${issuer}/${list}/${word}`
      const value = changed(words.get(key)?.value ?? 0n, entry, to)
      words.set(key, { issuer, list, word, value })
    },
    block: (): BlockRef => ({
      number,
      hash: proveWorld(new Map(), [], { number, seconds }).hash,
      time: now(),
    }),
    keysOf: async (did: string) => shown.get(did) ?? [],
    view,
    chain: {
      identity: deployment,
      view: async () => view(),
      prove: async (slots: readonly StorageSlot[]) => prove(slots),
    } as Chain,
    leaves,
  }

  function view(): ChainView {
    const chainsOf = (records: readonly AccreditationRecord[]): AccreditationChain[] =>
      records.map((own) => {
        const chain: AccreditationRecord[] = []
        for (let next: AccreditationRecord | undefined = own; next && chain.length < 5; ) {
          const { removedAt } = departments.get(next.department) ?? {}
          chain.push({ ...next, removedAt })
          const by: AccreditationRecord['by'] = next.by
          next = by && recordsOf(by.department, next.certificateType)[by.index]
        }
        return chain
      })
    return {
      block: world.block(),
      department: async (department) => departments.get(department),
      async key(name) {
        const key = keys.get(name)
        const recovered = key && recoveries.get(`${key.department}/${key.epoch}`)
        if (key === undefined || recovered === undefined) return key
        const isEarlier = key.retiredAt === undefined || recovered < key.retiredAt
        return isEarlier ? { ...key, retiredAt: recovered } : key
      },
      accreditations: async (department, type) => chainsOf(recordsOf(department, type)),
      lastAnchor: async (issuer) => {
        const last = anchors.get(issuer)?.at(-1)
        return { sequence: last?.sequence ?? 0, link: last ? linkOf(last) : zeroLink }
      },
      anchor: async (issuer, sequence) => anchors.get(issuer)?.[sequence - 1],
      statusWord: async (issuer, list, word) => words.get(`${issuer}/${list}/${word}`)?.value ?? 0n,
    }
  }

  function leaves(upTo = Number.MAX_SAFE_INTEGER): LeafReader {
    return {
      async proof(issuer, of) {
        for (const { sequence } of anchors.get(issuer) ?? []) {
          if (sequence > upTo) return undefined
          const all = batches.get(`${issuer}/${sequence}`)!
          const index = positionOf(all, leafHash(of))
          if (index === undefined) continue
          const tree = treeOf(all)
          return { sequence, index, size: tree.size, path: pathOf(tree, index) }
        }
        return undefined
      },
      holdsUpTo: async (_, sequence) => sequence <= upTo,
    }
  }

  /** What the contracts' storage holds, packed as Solidity packs it. */
  function prove(slots: readonly StorageSlot[]): StateProof {
    const registry = new Map<string, bigint>()
    const put = (names: readonly string[], values: readonly bigint[]) => {
      for (const [n, value] of values.entries()) registry.set(names[n]!, value)
    }
    for (const one of departments.values()) {
      put(departmentSlots(one.department), [
        BigInt(one.account) | (BigInt(one.epoch) << 224n),
        BigInt(one.accreditor ?? 0) | (time(one.registeredAt) << 160n),
        time(one.removedAt) << 160n,
      ])
    }
    for (const key of keys.values()) {
      const purpose = BigInt(['assertion', 'status', 'request'].indexOf(key.purpose) + 1)
      put(keySlots(key.thumbprint), [
        BigInt(key.department) | (purpose << 160n) | (BigInt(key.epoch) << 168n),
        BigInt(key.certificateHash),
        time(key.validFrom) | (time(key.retiredAt) << 64n) | (time(key.compromisedSince) << 128n),
      ])
    }
    for (const [name, at] of recoveries) {
      const [department, epoch] = name.split('/') as [string, string]
      put([recoverySlot(department, Number(epoch))], [time(at)])
    }
    for (const records of accreditations.values()) {
      for (const { department, certificateType, index, ...record } of records) {
        const rights =
          (record.rights.includes('issue') ? 1n : 0n) |
          (record.rights.includes('accredit') ? 2n : 0n)
        put(accreditationSlots(department, certificateType, index), [
          time(record.from) |
            (time(record.until) << 64n) |
            (time(record.withdrawnAt) << 128n) |
            (rights << 192n) |
            (BigInt(record.depth) << 200n),
          BigInt(record.by?.department ?? 0) | (BigInt(record.by?.index ?? 0) << 160n),
        ])
      }
    }
    const anchorWords = new Map<string, bigint>()
    for (const [issuer, records] of anchors) {
      for (const record of records) {
        const { group, place } = groupOf(record.sequence)
        anchorWords.set(anchorSlot(issuer, group), (BigInt(linkOf(record)) << 8n) | BigInt(place))
      }
    }
    const statusWords = new Map(
      [...words.values()].map(({ issuer, list, word, value }) => [
        statusSlot(issuer, list, word),
        value,
      ]),
    )
    const storage = new Map([
      [contracts.departmentRegistry, registry],
      [contracts.anchorRegistry, anchorWords],
      [contracts.statusRegistry, statusWords],
    ])
    return proveWorld(storage, slots, { number, seconds })
  }

  return world
}

export type World = ReturnType<typeof newWorld>

/** The fingerprint of a compact token's signing input. */
export function fingerprintOfToken(token: string): Uint8Array {
  const jwt = token.split('~')[0]!
  return fingerprint(jwt.slice(0, jwt.lastIndexOf('.')))
}

function time(date: Date | undefined): bigint {
  return date === undefined ? 0n : BigInt(date.getTime() / 1000)
}
