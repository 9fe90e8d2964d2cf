import { AbiCoder, id, keccak256 } from 'ethers'
import { expect, test } from 'vitest'
import { isInstrumented } from './chain.ts'
import { openWorld, titles, zero31, zero32 } from './world.ts'

const w = await openWorld()
const { anchors, departments, root, rootAccount, office, officeAccount } = w

/** Where AnchorRegistry keeps the office's word of 16 batches. */
function slotOf(word: number): string {
  const coder = AbiCoder.defaultAbiCoder()
  const inner = keccak256(coder.encode(['address', 'uint256'], [office, 0]))
  return keccak256(coder.encode(['uint64', 'bytes32'], [word, inner]))
}

/** Puts the office behind `words` full words, as years of anchoring would. */
async function afterFull(words: number): Promise<string> {
  const link = id('a link').slice(0, 64)
  await w.request('hardhat_setStorageAt', anchors.address, slotOf(words - 1), `${link}10`)
  return link
}

test.skipIf(isInstrumented)(
  'an anchor of 10,000 leaves costs less than 50,000 gas on average',
  async () => {
    let gas = 0
    let previous = zero31
    for (let sequence = 1; sequence <= 16; sequence++) {
      const args = [office, sequence, previous, id(`root ${sequence}`), 10_000, []]
      const done = await w.send(officeAccount, anchors, 'anchor', ...args)
      gas += done.gas
      previous = (await w.read(anchors, 'last', office)).split(',')[1]!.slice(0, -1)
    }
    expect(gas / 16).toBeLessThan(50_000)
    expect(gas / 16 / 10_000).toBeLessThan(5)
  },
)

test.skipIf(isInstrumented)(
  'E6: an anchor costs the same after 16 batches and after 1,600,000',
  async () => {
    const costs: number[][] = []
    for (const words of [1, 100, 10_000, 100_000]) {
      await w.aside(async () => {
        const link = await afterFull(words)
        // Of equal length in calldata: the number is the only thing that grows.
        const first = words * 16 + 1
        const one = await w.send(
          officeAccount,
          anchors,
          'anchor',
          office,
          first,
          link,
          titles,
          16,
          [],
        )
        const next = `0x${(await w.storage(anchors, slotOf(words))).slice(2, 64)}`
        const two = await w.send(
          officeAccount,
          anchors,
          'anchor',
          ...[office, first + 1, next, titles, 16, []],
        )
        costs.push([one.gas, two.gas])
      })
    }
    for (const [one, two] of costs) {
      expect(Math.abs(one! - costs[0]![0]!)).toBeLessThan(100)
      expect(Math.abs(two! - costs[0]![1]!)).toBeLessThan(100)
    }
  },
)

test.skipIf(isInstrumented)(
  'E6: an accreditation, a key and a status change cost the same after many',
  async () => {
    const until = w.until
    const [accreditations, keys, changes]: [number[], number[], number[]] = [[], [], []]
    for (let i = 1; i <= 120; i++) {
      const accredited = await w.send(
        rootAccount,
        departments,
        ...(['accredit', root, 0, office, titles, 1, 0, until - 1] as const),
      )
      const key = id(`key ${i}`)
      const proposed = await w.send(
        officeAccount,
        departments,
        'proposeKey',
        office,
        key,
        1,
        titles,
      )
      const [last, link] = (await w.read(anchors, 'last', office)).slice(1, -1).split(',')
      const change = [{ list: 1, word: i, value: 1 }]
      const args = [office, Number(last) + 1, link, zero32, 0, change]
      const changed = await w.send(officeAccount, anchors, 'anchor', ...args)
      accreditations.push(accredited.gas)
      keys.push(proposed.gas)
      changes.push(changed.gas)
    }
    const apart = (all: number[], i: number, j: number) => Math.abs(all[i]! - all[j]!) / all[i]!
    expect(apart(accreditations, 9, 109)).toBeLessThan(0.01)
    expect(apart(keys, 9, 109)).toBeLessThan(0.01)
    // The same place in a storage word: 96 batches later.
    expect(apart(changes, 9, 105)).toBeLessThan(0.01)
  },
)
