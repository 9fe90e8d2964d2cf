import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holds, isWellBuilt } from '../../src/accreditation/holds.ts'
import { judgeAccreditation } from '../../src/accreditation/judge.ts'
import type { AccreditationChain, AccreditationRecord } from '../../src/accreditation/model.ts'

const department = (n: number) => `0x${n.toString(16).padStart(40, '0')}`
const type = `0x${'77'.repeat(32)}`
const time = (seconds: number) => new Date(seconds * 1000)

/** A sound chain of `length` records: the n-th is department n, the last the root; all from 100 to 200. */
function chainOf(length: number): AccreditationRecord[] {
  return Array.from({ length }, (_, at) => ({
    department: department(at + 1),
    certificateType: type,
    index: 0,
    rights: at === 0 ? ['issue'] : ['issue', 'accredit'],
    from: time(100),
    until: time(200),
    withdrawnAt: undefined,
    removedAt: undefined,
    by: at === length - 1 ? undefined : { department: department(at + 2), index: 0 },
    depth: length - 1 - at,
  }))
}

const asked = {
  department: department(1),
  certificateType: type,
  right: 'issue',
  time: time(150),
} as const
const judge = (chain: AccreditationChain, change: Partial<typeof asked> = {}) =>
  judgeAccreditation([chain], { ...asked, ...change })

describe('who may issue what', () => {
  test('a department accredited through one to four others may issue', () => {
    for (const length of [1, 2, 3, 4, 5]) expect(judge(chainOf(length))).toBe('accreditation/holds')
  })

  test('F4: a department accredited for one type may not issue another', () => {
    const other = `0x${'78'.repeat(32)}`
    for (let types = 0; types < 20; types += 1) {
      for (let issuers = 0; issuers < 20; issuers += 1) {
        const certificateType = `0x${types.toString(16).padStart(64, '0')}`
        const own = chainOf(3).map((record) => ({ ...record, certificateType }))
        own[0] = { ...own[0]!, department: department(100 + issuers) }
        const ask = { ...asked, department: department(100 + issuers), certificateType }
        expect(judgeAccreditation([own], ask)).toBe('accreditation/holds')
        const elsewhere = { ...ask, certificateType: other }
        expect(judgeAccreditation([own], elsewhere)).toBe('accreditation/not-accredited')
      }
    }
  })

  test('F7: the record of another department counts for nothing', () => {
    expect(judge(chainOf(3), { department: department(2) } as never)).toBe(
      'accreditation/not-accredited',
    )
    expect(judgeAccreditation([], asked)).toBe('accreditation/not-accredited')
    expect(judgeAccreditation([[]], asked)).toBe('accreditation/not-accredited')
  })

  test('a right to accredit is no right to issue', () => {
    const [first, ...rest] = chainOf(3) as [AccreditationRecord, ...AccreditationRecord[]]
    expect(judge([{ ...first, rights: ['accredit'] }, ...rest])).toBe(
      'accreditation/not-accredited',
    )
  })

  test('F5: every link must hold at the time; the same second refuses', () => {
    for (const length of [1, 3, 5]) {
      for (let at = 0; at < length; at += 1) {
        const judged = (change: Partial<AccreditationRecord>, seconds: number) => {
          const chain = chainOf(length)
          chain[at] = { ...chain[at]!, ...change }
          return judge(chain, { time: time(seconds) } as never)
        }
        for (const member of ['withdrawnAt', 'removedAt'] as const) {
          expect(judged({ [member]: time(150) }, 149)).toBe('accreditation/holds')
          expect(judged({ [member]: time(150) }, 150)).toBe('accreditation/not-in-force')
          expect(judged({ [member]: time(150) }, 151)).toBe('accreditation/not-in-force')
        }
        expect(judged({}, 100)).toBe('accreditation/holds')
        expect(judged({}, 99)).toBe('accreditation/not-in-force')
        expect(judged({}, 199)).toBe('accreditation/holds')
        expect(judged({}, 200)).toBe('accreditation/not-in-force')
      }
    }
  })

  test('a second record that holds is enough', () => {
    const ended = chainOf(2).map((record) => ({ ...record, withdrawnAt: time(120) }))
    expect(judgeAccreditation([ended, chainOf(2)], asked)).toBe('accreditation/holds')
    expect(judgeAccreditation([ended, ended], asked)).toBe('accreditation/not-in-force')
  })

  test('F8: self-accreditation, cycles, too many links and wider scopes never hold', () => {
    const [first, second, third] = chainOf(3) as [
      AccreditationRecord,
      AccreditationRecord,
      AccreditationRecord,
    ]
    const broken: Record<string, AccreditationChain> = {
      none: [],
      deep: chainOf(6),
      self: [{ ...first, by: { department: first.department, index: 0 } }, second, third],
      noRoot: [first, second],
      rootWithAccreditor: [
        first,
        second,
        { ...third, by: { department: department(9), index: 0 } },
      ],
      rootInTheMiddle: [first, { ...second, by: undefined }, third],
      cycle: [first, second, { ...third, department: first.department }],
      otherRecord: [first, { ...second, index: 1 }, third],
      otherType: [first, { ...second, certificateType: `0x${'00'.repeat(32)}` }, third],
      mayNotAccredit: [first, { ...second, rights: ['issue'] }, third],
      wider: [first, { ...second, rights: ['accredit'] }, third],
      longer: [{ ...first, until: time(201) }, second, third],
      earlier: [{ ...first, from: time(99) }, second, third],
      wrongDepth: [{ ...first, depth: 1 }, second, third],
      empty: [{ ...first, from: time(160), until: time(160) }, second, third],
    }
    for (const [name, chain] of Object.entries(broken)) {
      expect(`${name} ${isWellBuilt(chain)} ${holds(chain, time(150))}`).toBe(`${name} false false`)
    }
  })

  test('F8: over random graphs, what holds narrows from link to link', () => {
    const one = fc.record({
      department: fc.nat(5).map(department),
      certificateType: fc.constant(type),
      index: fc.nat(1),
      rights: fc.subarray(['issue', 'accredit'] as const, { minLength: 1 }),
      from: fc.integer({ min: 90, max: 110 }).map(time),
      until: fc.integer({ min: 190, max: 210 }).map(time),
      withdrawnAt: fc.constant(undefined),
      removedAt: fc.constant(undefined),
      by: fc.option(fc.record({ department: fc.nat(5).map(department), index: fc.nat(1) }), {
        nil: undefined,
        freq: 4,
      }),
      depth: fc.nat(5),
    })
    let held = 0
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 3 }),
        fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }),
        (records, luck) => {
          // Half of the links are mended, so that some chains hold.
          const chain = records.map((record, at): AccreditationRecord => {
            if (luck[at]! < 4) return record
            const above = records[at + 1]
            const by =
              above === undefined ? undefined : { department: above.department, index: above.index }
            return { ...record, by, depth: records.length - 1 - at, rights: ['issue', 'accredit'] }
          })
          if (!holds(chain, time(150))) return
          held += 1
          expect(new Set(chain.map((record) => record.department)).size).toBe(chain.length)
          expect(chain.at(-1)!.by).toBeUndefined()
          chain.slice(1).forEach((above, at) => {
            const below = chain[at]!
            expect(below.by).toEqual({ department: above.department, index: above.index })
            expect(above.rights).toEqual(expect.arrayContaining([...below.rights, 'accredit']))
            expect(below.until <= above.until && below.from >= above.from).toBe(true)
          })
        },
      ),
      { numRuns: 20_000, seed: 5 },
    )
    expect(held).toBeGreaterThan(1_000)
  })
})
