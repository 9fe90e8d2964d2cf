import { AbiCoder, keccak256 } from 'ethers'
import { describe, expect, test } from 'vitest'
import { foldGroup, groupOf, linkOf, zeroLink } from '../../src/anchor/link.ts'
import type { AnchorRecord } from '../../src/anchor/model.ts'
import { codeOf } from './leaves.ts'

const issuer = `0x${'a1'.repeat(20)}`

/** A chain of sample batches, each linked to the one before. */
function batches(count: number): AnchorRecord[] {
  const records: AnchorRecord[] = []
  let previous = zeroLink
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const record = {
      issuer,
      sequence,
      previous,
      root: `0x${sequence.toString(16).padStart(64, '0')}`,
      size: 16 + sequence,
      block: 100 + sequence,
      time: new Date((1_800_000_000 + sequence) * 1000),
    }
    records.push(record)
    previous = linkOf(record)
  }
  return records
}

/** The link as Solidity's `abi.encode` makes it, through ethers. */
function abiLink(record: AnchorRecord): string {
  const types = ['address', 'uint64', 'bytes31', 'bytes32', 'uint64', 'uint256', 'uint256']
  const { sequence, previous, root, size, block, time } = record
  const values = [issuer, sequence, previous, root, size, block, time.getTime() / 1000]
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values)).slice(0, 64)
}

describe('the links between batches', () => {
  test('a link is what the contract computes, told by another ABI encoder', () => {
    for (const record of batches(20)) expect(linkOf(record)).toBe(abiLink(record))
  })

  test('batches 1 to 16 share a word, 17 opens the next', () => {
    expect([1, 16, 17, 32, 33].map(groupOf)).toEqual([
      { group: 0, place: 1 },
      { group: 0, place: 16 },
      { group: 1, place: 1 },
      { group: 1, place: 16 },
      { group: 2, place: 1 },
    ])
    expect(codeOf(() => groupOf(0))).toBe('anchor/bad-record')
  })

  test('hashing forward from any batch of a group ends at its word', () => {
    const all = batches(40)
    const word = (group: AnchorRecord[]) => linkOf(group.at(-1)!)
    const second = all.slice(16, 32)
    for (let from = 0; from < 16; from += 1) {
      expect(foldGroup(second.slice(from))).toEqual({ link: word(second), count: 16 })
    }
    expect(foldGroup(all.slice(32))).toEqual({ link: word(all.slice(32)), count: 8 })
  })

  test('a changed member of a batch ends elsewhere', () => {
    const all = batches(5)
    const { link } = foldGroup(all)
    const [first, ...rest] = all as [AnchorRecord, ...AnchorRecord[]]
    const changes: Partial<AnchorRecord>[] = [
      { root: `0x${'00'.repeat(32)}` },
      { size: 18 },
      { block: 100 },
      { time: new Date(0) },
      { previous: `0x${'01'.repeat(31)}` },
    ]
    for (const change of changes) {
      // The next batch names the true link, so the fold breaks; alone it ends at another link.
      expect(codeOf(() => foldGroup([{ ...first, ...change }, ...rest]))).toBe('anchor/bad-record')
      expect(foldGroup([{ ...first, ...change }]).link).not.toBe(linkOf(first))
    }
    expect(foldGroup(all).link).toBe(link)
  })

  test('a gap, another issuer, another group or none at all is refused', () => {
    const all = batches(20)
    const stranger = { ...all[1]!, issuer: `0x${'b2'.repeat(20)}` }
    expect(codeOf(() => foldGroup([]))).toBe('anchor/bad-record')
    expect(codeOf(() => foldGroup([all[0]!, all[2]!]))).toBe('anchor/bad-record')
    expect(codeOf(() => foldGroup([all[0]!, stranger]))).toBe('anchor/bad-record')
    expect(codeOf(() => foldGroup(all.slice(14, 18)))).toBe('anchor/bad-record')
  })

  test('one record has one spelling: lower-case hex, whole seconds, no negative number', () => {
    const [record] = batches(1) as [AnchorRecord]
    const spellings: Partial<AnchorRecord>[] = [
      { issuer: record.issuer.toUpperCase().replace('X', 'x') },
      { root: record.root.slice(2) },
      { root: `${record.root}00` },
      { previous: `0x${'00'.repeat(32)}` },
      { size: -1 },
      { size: 2 ** 60 },
      { block: 0.5 },
      { time: new Date(1) },
    ]
    for (const change of spellings) {
      expect(
        codeOf(() => linkOf({ ...record, ...change })),
        JSON.stringify(change),
      ).toBe('anchor/bad-record')
    }
  })
})
