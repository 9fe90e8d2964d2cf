import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { line } from './chain.ts'
import { openWorld, zero31 } from './world.ts'

const w = await openWorld()
const { anchors, statuses, office, officeAccount, other, otherAccount, stranger } = w
const it = (name: string, body: () => Promise<void>) => test(name, () => w.aside(body))
const aRoot = `0x${'a5'.repeat(32)}`
const zero32 = `0x${'00'.repeat(32)}`
type Change = { list: number; word: number; value: bigint }

const wordOf = (issuer: string, list: number, word: number) =>
  w.read(statuses, 'wordOf', issuer, list, word)
const at = (entry: number, status: number) => BigInt(status) << BigInt(2 * entry)

/** The next anchor's first arguments. */
async function next(): Promise<[string, number, string]> {
  const [sequence, link] = (await w.read(anchors, 'last', office)).slice(1, -1).split(',')
  return [office, Number(sequence) + 1, link!]
}
const change = async (changes: Change[], successors = false) =>
  w.send(
    officeAccount,
    anchors,
    'anchor',
    ...(await next()),
    ...(successors ? [aRoot, 16] : [zero32, 0]),
    changes,
  )
const refused = async (changes: Change[], successors = false) =>
  w.refused(
    officeAccount,
    anchors,
    'anchor',
    ...(await next()),
    ...(successors ? [aRoot, 16] : [zero32, 0]),
    changes,
  )

describe('E8: the life of a status', () => {
  const allowed: Record<number, number[]> = { 0: [1, 2, 3], 1: [], 2: [0, 1, 3], 3: [] }
  for (const entry of [0, 1, 63, 127]) {
    for (const from of [0, 1, 2, 3]) {
      for (const to of [0, 1, 2, 3]) {
        it(`${from} to ${to} at entry ${entry}`, async () => {
          const [list, word] = [7, 11]
          const beside =
            at((entry + 1) % 128, 1) | at((entry + 5) % 128, 2) | at((entry + 9) % 128, 3)
          await change([{ list, word, value: beside | at(entry, from) }], true)
          const value = beside | at(entry, to)
          const one = [{ list, word, value }]
          if (from === to) {
            const error = line('StatusRegistryUnchanged', office, list, word, value)
            expect(await refused(one, true)).toBe(error)
            expect(await refused(one, false)).toBe(error)
          } else if (!allowed[from]!.includes(to)) {
            const error = line('StatusRegistryFinal', office, list, word, value)
            expect(await refused(one, true)).toBe(error)
            expect(await refused(one, false)).toBe(error)
          } else {
            if (to === 3) {
              expect(await refused(one, false)).toBe(
                line('StatusRegistryNoSuccessor', office, list, word, value),
              )
            }
            const done = await change(one, to === 3)
            expect(done.events.slice(1)).toEqual([line('StatusChanged', office, list, word, value)])
            expect(await wordOf(office, list, word)).toBe(String(value))
          }
        })
      }
    }
  }

  it('lets a batch without successors leave what is superseded already', async () => {
    await change([{ list: 0, word: 0, value: at(4, 3) }], true)
    await change([{ list: 0, word: 0, value: at(4, 3) | at(5, 1) }], false)
    expect(await wordOf(office, 0, 0)).toBe(String(at(4, 3) | at(5, 1)))
  })

  it('supersedes and anchors in one transaction, or does neither', async () => {
    const [, sequence, link] = await next()
    const wrong = [
      { list: 0, word: 0, value: at(4, 3) },
      { list: 0, word: 1, value: 0n },
    ]
    expect(await refused(wrong, true)).toBe(line('StatusRegistryUnchanged', office, 0, 1, 0))
    expect(await wordOf(office, 0, 0)).toBe('0')
    expect((await next()).slice(1)).toEqual([sequence, link])
  })
})

describe('E7: neighbours', () => {
  it('stand still: against a reference of single entries, over random words and changes', async () => {
    const reference = new Map<string, number[]>()
    const entries = (list: number, word: number) =>
      reference.get(`${list}/${word}`) ?? new Array<number>(128).fill(0)
    const packed = (all: number[]) => all.reduce((sum, one, i) => sum | at(i, one), 0n)
    const move = fc.record({
      list: fc.constantFrom(0, 1, 0xffffffff),
      word: fc.constantFrom(0, 1, 0xffffffff),
      moves: fc.array(fc.tuple(fc.nat(127), fc.nat(3)), { minLength: 1, maxLength: 6 }),
      successors: fc.boolean(),
    })
    const script = fc.sample(fc.array(move, { minLength: 300, maxLength: 300 }), {
      numRuns: 1,
      seed: 7,
    })[0]!
    let taken = 0
    for (const { list, word, moves, successors } of script) {
      const before = entries(list, word)
      const after = [...before]
      for (const [i, status] of moves) after[i] = status
      const changed = after.map((one, i) => [before[i]!, one] as const).filter(([a, b]) => a !== b)
      const value = packed(after)
      const expected =
        changed.length === 0
          ? 'StatusRegistryUnchanged'
          : changed.some(([a]) => a === 1 || a === 3)
            ? 'StatusRegistryFinal'
            : changed.some(([, b]) => b === 3) && !successors
              ? 'StatusRegistryNoSuccessor'
              : undefined
      if (expected) {
        expect(await refused([{ list, word, value }], successors)).toBe(
          line(expected, office, list, word, value),
        )
      } else {
        await change([{ list, word, value }], successors)
        reference.set(`${list}/${word}`, after)
        taken++
      }
      for (const l of [0, 1, 0xffffffff])
        for (const x of [0, 1, 0xffffffff])
          expect(await wordOf(office, l, x)).toBe(String(packed(entries(l, x))))
    }
    expect(taken).toBeGreaterThan(50)
    expect(await wordOf(other, 0, 0)).toBe('0')
  })

  it('several words change in one call, one event each in their order', async () => {
    const changes = [
      { list: 2, word: 0, value: 1n },
      { list: 0, word: 5, value: 2n },
      { list: 2, word: 0, value: 5n },
    ]
    const done = await change(changes)
    expect(done.events.slice(1)).toEqual(
      changes.map((one) => line('StatusChanged', office, one.list, one.word, one.value)),
    )
    expect(await wordOf(office, 2, 0)).toBe('5')
    expect(await wordOf(office, 0, 5)).toBe('2')
  })
})

describe('E9: another department’s statuses', () => {
  it('cannot be written, neither through the anchor nor past it', async () => {
    const changes = [{ list: 0, word: 0, value: 1n }]
    expect(
      await w.refused(otherAccount, anchors, 'anchor', office, 1, zero31, zero32, 0, changes),
    ).toBe(line('AnchorRegistryNotAccount', office, otherAccount))
    for (const who of [officeAccount, otherAccount, stranger, w.admin1]) {
      expect(await w.refused(who, statuses, 'change', office, changes, true)).toBe(
        line('StatusRegistryNotAnchorRegistry', who),
      )
    }
    await w.send(otherAccount, anchors, 'anchor', other, 1, zero31, zero32, 0, changes)
    expect(await wordOf(other, 0, 0)).toBe('1')
    expect(await wordOf(office, 0, 0)).toBe('0')
  })
})
