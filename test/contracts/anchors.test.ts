import { AbiCoder, id, keccak256 } from 'ethers'
import { describe, expect, test } from 'vitest'
import { built, interfaceOf, line, shown } from './chain.ts'
import { address, openWorld, titles, zero31, zero32 } from './world.ts'

const w = await openWorld()
const { anchors, departments, statuses, root, rootAccount, bureauAccount } = w
const { office, officeAccount, other, otherAccount, stranger, spare } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const rootOf = (sequence: number) => id(`sample root ${sequence}`)
const last = (issuer: string) => w.read(anchors, 'last', issuer)
const linkOf = (issuer: string, group: number) => w.read(anchors, 'linkOf', issuer, group)
const anchor = (sequence: number, previous: string, ...rest: unknown[]) =>
  w.send(officeAccount, anchors, 'anchor', office, sequence, previous, ...rest)
const refused = (sequence: number, previous: string, ...rest: unknown[]) =>
  w.refused(officeAccount, anchors, 'anchor', office, sequence, previous, ...rest)
const notNext = (sequence: number, previous: string, issuer = office) =>
  line('AnchorRegistryNotNext', issuer, sequence, previous)

/** The link as the interface writes it down, made with ethers. */
function link(
  issuer: string,
  sequence: number,
  previous: string,
  merkleRoot: string,
  size: number,
  at: { block: number; time: number },
): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['address', 'uint64', 'bytes31', 'bytes32', 'uint64', 'uint256', 'uint256'],
      [issuer, sequence, previous, merkleRoot, size, at.block, at.time],
    ),
  ).slice(0, 64)
}

/** Anchors up to `count` batches of 16 leaves and answers the links, zero first. */
async function chainOf(count: number): Promise<string[]> {
  const links = [zero31]
  for (let sequence = 1; sequence <= count; sequence++) {
    const previous = links[sequence - 1]!
    const done = await anchor(sequence, previous, rootOf(sequence), 16, [])
    links.push(link(office, sequence, previous, rootOf(sequence), 16, done))
  }
  return links
}

describe('anchoring', () => {
  it('tells one event and keeps the link that anybody can compute', async () => {
    expect(await last(office)).toBe(shown([0, zero31]))
    const done = await anchor(1, zero31, rootOf(1), 10_000, [])
    expect(done.events).toEqual([line('Anchored', office, 1, zero31, rootOf(1), 10_000)])
    const first = link(office, 1, zero31, rootOf(1), 10_000, done)
    expect(await last(office)).toBe(shown([1, first]))
    expect(await linkOf(office, 0)).toBe(shown([first, 1]))
    w.wait(7)
    const next = await anchor(2, first, rootOf(2), 16, [])
    const second = link(office, 2, first, rootOf(2), 16, next)
    expect(await linkOf(office, 0)).toBe(shown([second, 2]))
    expect(await last(office)).toBe(shown([2, second]))
    expect(await last(other)).toBe(shown([0, zero31]))
  })

  it('fills a word with 16 batches and goes on to the next', async () => {
    const links = await chainOf(33)
    expect(await linkOf(office, 0)).toBe(shown([links[16], 16]))
    expect(await linkOf(office, 1)).toBe(shown([links[32], 16]))
    expect(await linkOf(office, 2)).toBe(shown([links[33], 1]))
    expect(await linkOf(office, 3)).toBe(shown([zero31, 0]))
    expect(await last(office)).toBe(shown([33, links[33]]))
  })

  it('D2: leaves neither gap nor fork, wherever in a word', async () => {
    const links = [zero31]
    for (let sequence = 1; sequence <= 34; sequence++) {
      const previous = links[sequence - 1]!
      const batch = [rootOf(sequence), 16, []]
      const tries = [0, sequence - 1, sequence - 16, sequence + 1, sequence + 15, sequence + 16]
      for (const wrong of tries.filter((one) => one >= 0)) {
        expect(await refused(wrong, previous, ...batch)).toBe(notNext(wrong, previous))
      }
      for (const wrong of [id('another').slice(0, 64), links[sequence - 2], zero31]) {
        if (wrong === undefined || wrong === previous) continue
        expect(await refused(sequence, wrong, ...batch)).toBe(notNext(sequence, wrong))
      }
      const done = await anchor(sequence, previous, ...batch)
      links.push(link(office, sequence, previous, rootOf(sequence), 16, done))
    }
  })

  it('refuses a first batch in a later word while the word before is not full', async () => {
    const links = await chainOf(15)
    expect(await refused(17, links[15]!, rootOf(17), 16, [])).toBe(notNext(17, links[15]!))
    expect(await refused(17, zero31, rootOf(17), 16, [])).toBe(notNext(17, zero31))
    expect(await refused(33, zero31, rootOf(33), 16, [])).toBe(notNext(33, zero31))
  })

  it('refuses an empty batch and a root without its size', async () => {
    const change = [{ list: 0, word: 0, value: 1 }]
    const empty = (merkleRoot: string, size: number) =>
      line('AnchorRegistryEmptyBatch', merkleRoot, size)
    expect(await refused(1, zero31, zero32, 0, [])).toBe(empty(zero32, 0))
    expect(await refused(1, zero31, rootOf(1), 0, [])).toBe(empty(rootOf(1), 0))
    expect(await refused(1, zero31, zero32, 16, [])).toBe(empty(zero32, 16))
    expect(await refused(1, zero31, rootOf(1), 0, change)).toBe(empty(rootOf(1), 0))
    expect(await refused(1, zero31, zero32, 16, change)).toBe(empty(zero32, 16))
    const done = await anchor(1, zero31, zero32, 0, change)
    expect(done.events).toEqual([
      line('Anchored', office, 1, zero31, zero32, 0),
      line('StatusChanged', office, 0, 0, 1),
    ])
  })
})

describe('E9: only the department’s account', () => {
  it('anchors for it', async () => {
    for (const who of [bureauAccount, rootAccount, otherAccount, stranger]) {
      expect(await w.refused(who, anchors, 'anchor', office, 1, zero31, rootOf(1), 16, [])).toBe(
        line('AnchorRegistryNotAccount', office, who),
      )
    }
    const nobody = address('e1')
    expect(await w.refused(stranger, anchors, 'anchor', nobody, 1, zero31, rootOf(1), 16, [])).toBe(
      line('AnchorRegistryNotAccount', nobody, stranger),
    )
  })

  it('and after a change of account only the new one', async () => {
    await w.send(officeAccount, departments, 'proposeAccount', office, spare)
    await anchor(1, zero31, rootOf(1), 16, [])
    await w.send(spare, departments, 'acceptAccount', office)
    const previous = (await last(office)).slice(3, -1)
    expect(await refused(2, previous, rootOf(2), 16, [])).toBe(
      line('AnchorRegistryNotAccount', office, officeAccount),
    )
    await w.send(spare, anchors, 'anchor', office, 2, previous, rootOf(2), 16, [])
  })

  it('and none at all between a recovery and its acceptance', async () => {
    await w.send(bureauAccount, departments, 'requestRecovery', office, spare)
    await w.govern('recover', office, spare)
    for (const who of [officeAccount, spare]) {
      expect(await w.refused(who, anchors, 'anchor', office, 1, zero31, rootOf(1), 16, [])).toBe(
        line('AnchorRegistryNotAccount', office, who),
      )
    }
  })
})

describe('F5, E10: an accreditation in force', () => {
  const change = [{ list: 3, word: 9, value: 2 }]

  it('is needed for a root but not for changes alone', async () => {
    const not = line('AnchorRegistryNotAccredited', office)
    await w.send(bureauAccount, departments, 'withdraw', office, titles, 0, zero32, 0)
    expect(await refused(1, zero31, rootOf(1), 16, [])).toBe(not)
    expect(await refused(1, zero31, rootOf(1), 16, change)).toBe(not)
    await anchor(1, zero31, zero32, 0, change)
    expect(await w.read(statuses, 'wordOf', office, 3, 9)).toBe('2')
  })

  it('ends with its last second', async () => {
    w.wait(w.until - w.now())
    expect(await refused(1, zero31, rootOf(1), 16, [])).toBe(
      line('AnchorRegistryNotAccredited', office),
    )
    await anchor(1, zero31, zero32, 0, change)
  })

  it('holds in the second before', async () => {
    w.wait(w.until - 1 - w.now())
    await anchor(1, zero31, rootOf(1), 16, [])
  })

  it('ends with the department’s removal, after which it can still revoke', async () => {
    await w.send(bureauAccount, departments, 'remove', office)
    expect(await refused(1, zero31, rootOf(1), 16, [])).toBe(
      line('AnchorRegistryNotAccredited', office),
    )
    await anchor(1, zero31, zero32, 0, change)
  })

  it('withdrawn in the same block before the anchor refuses it, after it shows the same time', async () => {
    const withdrawal = [
      bureauAccount,
      departments,
      'withdraw',
      office,
      titles,
      0,
      zero32,
      0,
    ] as const
    const batch = [officeAccount, anchors, 'anchor', office, 1, zero31, rootOf(1), 16, []] as const
    await w.aside(async () => {
      const [first, second] = await w.together([withdrawal, batch])
      expect([first!.succeeded, second!.succeeded]).toEqual([true, false])
      expect(first!.block).toBe(second!.block)
      expect(await last(office)).toBe(shown([0, zero31]))
    })
    const [first, second] = await w.together([batch, withdrawal])
    expect([first!.succeeded, second!.succeeded]).toEqual([true, true])
    const record = await w.read(departments, 'accreditationOf', office, titles, 0)
    expect(record.split(',')[2]).toBe(String(first!.time))
  })
})

describe('C3: a key retired in the block of an anchor', () => {
  const key = [office, id('sample key'), 1, id('sample certificate')] as const
  const retire = [officeAccount, departments, 'retireKey', key[1]] as const
  const batch = [officeAccount, anchors, 'anchor', office, 1, zero31, rootOf(1), 16, []] as const

  for (const [order, calls] of [
    ['before it', [retire, batch]],
    ['after it', [batch, retire]],
  ] as const) {
    it(`${order} shows the anchor’s own time, which a verifier refuses`, async () => {
      await w.send(officeAccount, departments, 'proposeKey', ...key)
      await w.send(bureauAccount, departments, 'confirmKey', ...key)
      w.wait(60)
      const done = await w.together(calls)
      expect(done.map(({ succeeded }) => succeeded)).toEqual([true, true])
      expect(done[0]!.block).toBe(done[1]!.block)
      const stored = (await w.read(departments, 'keyOf', key[1])).split(',')
      expect(Number(stored[5])).toBe(done[0]!.time)
      expect(Number(stored[4])).toBeLessThan(done[0]!.time)
    })
  }
})

describe('E5: front-running', () => {
  it('of a root takes nothing from the department whose root it is', async () => {
    await w.govern('grantRoot', other, titles, 1, 0, w.until + w.now())
    const stolen = [otherAccount, anchors, 'anchor', other, 1, zero31, rootOf(1), 16, []] as const
    const own = [officeAccount, anchors, 'anchor', office, 1, zero31, rootOf(1), 16, []] as const
    const done = await w.together([stolen, own])
    expect(done.map(({ succeeded }) => succeeded)).toEqual([true, true])
    const links = [other, office].map((one, i) => link(one, 1, zero31, rootOf(1), 16, done[i]!))
    expect(links[0]).not.toBe(links[1])
    expect(await last(other)).toBe(shown([1, links[0]]))
    expect(await last(office)).toBe(shown([1, links[1]]))
  })

  it('by a copy of the department’s own transaction is refused, and a second worker loses', async () => {
    const args = [anchors, 'anchor', office, 1, zero31, rootOf(1), 16, []] as const
    const done = await w.together([
      [stranger, ...args],
      [officeAccount, ...args],
      [officeAccount, ...args],
    ])
    expect(done.map(({ succeeded }) => succeeded)).toEqual([false, true, false])
  })
})

describe('E3, E4: a batch of one chain', () => {
  it('has another link on a chain with another block, so that nothing continues it there', async () => {
    const twin = await openWorld(20_261)
    expect(twin.anchors.address).toBe(anchors.address)
    const here = await anchor(1, zero31, rootOf(1), 16, [])
    twin.wait(w.now() - twin.now() + 60)
    await twin.send(officeAccount, twin.anchors, 'anchor', office, 1, zero31, rootOf(1), 16, [])
    const previous = link(office, 1, zero31, rootOf(1), 16, here)
    const args = [office, 2, previous, rootOf(2), 16, []] as const
    await w.send(officeAccount, anchors, 'anchor', ...args)
    expect(await twin.refused(officeAccount, twin.anchors, 'anchor', ...args)).toBe(
      notNext(2, previous),
    )
    await twin.close()
  })

  it('is bound to it by the account’s transaction alone: we have no signed calls to replay', async () => {
    for (const name of ['DepartmentRegistry', 'AnchorRegistry', 'StatusRegistry']) {
      const inputs = interfaceOf(name)
        .fragments.filter((one) => one.type === 'function')
        .flatMap((one) => one.inputs.map((input) => input.name))
      expect(inputs.filter((input) => /sig|^v$|^r$|^s$|nonce|deadline/i.test(input))).toEqual([])
      expect(JSON.stringify(built[name]!.abi)).not.toMatch(/pause|upgrade|owner/i)
    }
  })
})

describe('the newest batch', () => {
  it('is found after any number of full words without a revert', async () => {
    const slot = (group: number) => {
      const coder = AbiCoder.defaultAbiCoder()
      const inner = keccak256(coder.encode(['address', 'uint256'], [office, 0]))
      return keccak256(coder.encode(['uint64', 'bytes32'], [group, inner]))
    }
    const full = `${id('full').slice(0, 64)}10`
    const part = `${id('part').slice(0, 64)}03`
    const put = (group: number, word: string) =>
      w.request('hardhat_setStorageAt', anchors.address, slot(group), word)
    for (let group = 0; group < 41; group++) {
      await put(group, part)
      expect(await last(office)).toBe(shown([group * 16 + 3, part.slice(0, 64)]))
      await put(group, full)
      expect(await last(office)).toBe(shown([group * 16 + 16, full.slice(0, 64)]))
    }
  })
})

it('AnchorRegistry names the two that it works with', async () => {
  expect(await w.read(anchors, 'departmentRegistry')).toBe(departments.address)
  expect(await w.read(anchors, 'statusRegistry')).toBe(statuses.address)
  expect(await w.read(statuses, 'anchorRegistry')).toBe(anchors.address)
  expect(root).not.toBe(office)
})
