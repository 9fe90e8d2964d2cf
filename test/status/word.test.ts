import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { statuses } from '../../src/status/model.ts'
import {
  changed,
  isAllowed,
  isAllowedWord,
  isFinal,
  statusIn,
  wordOf,
} from '../../src/status/word.ts'
import { codeOf } from '../anchor/leaves.ts'

const entry = fc.integer({ min: 0, max: 127 })
const word = fc.bigInt(0n, 2n ** 256n - 1n)

describe('a word of 128 statuses', () => {
  test('H9: entry i stands at bits 2i and 2i + 1, as the contract documents', () => {
    expect(statusIn(0b11_10_01_00n, 0)).toBe('valid')
    expect(statusIn(0b11_10_01_00n, 1)).toBe('revoked')
    expect(statusIn(0b11_10_01_00n, 2)).toBe('suspended')
    expect(statusIn(0b11_10_01_00n, 3)).toBe('superseded')
    expect(statusIn(1n << 254n, 127)).toBe('revoked')
    expect(statusIn(2n << 254n, 127)).toBe('suspended')
  })

  test('E8: exactly the changes 0 to 1, 2, 3 and 2 to 0, 1, 3 are allowed', () => {
    const allowed = statuses.flatMap((from) =>
      statuses.filter((to) => isAllowed(from, to)).map((to) => `${from} ${to}`),
    )
    expect(allowed).toEqual([
      'valid revoked',
      'valid suspended',
      'valid superseded',
      'suspended valid',
      'suspended revoked',
      'suspended superseded',
    ])
    expect(statuses.filter(isFinal)).toEqual(['revoked', 'superseded'])
  })

  test('E7: a change moves one entry and no neighbour', () => {
    fc.assert(
      fc.property(word, entry, fc.constantFrom(...statuses), (before, at, to) => {
        const from = statusIn(before, at)
        if (!isAllowed(from, to)) {
          const code = from === to ? 'status/unchanged' : 'status/final'
          expect(codeOf(() => changed(before, at, to))).toBe(code)
          return
        }
        const after = changed(before, at, to)
        for (let other = 0; other < 128; other += 1) {
          expect(statusIn(after, other)).toBe(other === at ? to : statusIn(before, other))
        }
        expect(isAllowedWord(before, after)).toBe(true)
      }),
    )
  })

  test('a word is taken exactly if each of its entries is', () => {
    const few = fc.array(fc.tuple(entry, fc.integer({ min: 0, max: 3 })), { maxLength: 4 })
    fc.assert(
      fc.property(word, few, (before, flips) => {
        const after = flips.reduce(
          (value, [at, bits]) => value ^ (BigInt(bits) << BigInt(2 * at)),
          before,
        )
        const moved = Array.from(
          { length: 128 },
          (_, at) => [statusIn(before, at), statusIn(after, at)] as const,
        )
        const expected =
          before !== after && moved.every(([from, to]) => from === to || isAllowed(from, to))
        expect(isAllowedWord(before, after)).toBe(expected)
      }),
    )
    expect(isAllowedWord(0n, 1n << 256n)).toBe(false)
    expect(isAllowedWord(0n, -1n)).toBe(false)
  })

  test('an index outside the list and an entry outside the word are refused', () => {
    expect(wordOf(0)).toEqual({ word: 0, entry: 0 })
    expect(wordOf(131_071)).toEqual({ word: 1023, entry: 127 })
    for (const index of [-1, 131_072, 0.5, Number.NaN]) {
      expect(codeOf(() => wordOf(index))).toBe('status/bad-index')
    }
    for (const at of [-1, 128, 0.5]) expect(codeOf(() => statusIn(0n, at))).toBe('status/bad-index')
  })
})
