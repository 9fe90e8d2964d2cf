import { gunzipSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bitAt, bitstring } from '../../src/status/bitstring.ts'
import { entriesOf, statusAt } from '../../src/status/entries.ts'
import { statuses } from '../../src/status/model.ts'
import { tokenList, tokenListAt } from '../../src/status/tokenList.ts'
import { codeOf } from '../anchor/leaves.ts'

describe('published lists', () => {
  test('H9: the example of IETF Token Status List section 4.1, 2 bits, low bits first', () => {
    // status[0] = 1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3; our 3 is published as 1, so read it back here.
    const bytes = new Uint8Array(inflateSync(Buffer.from('eNo76fITAAPfAgc', 'base64url')))
    expect(bytes).toEqual(Uint8Array.of(0xc9, 0x44, 0xf9))
    const read = Array.from({ length: 12 }, (_, index) => tokenListAt(bytes, index))
    expect(read).toEqual([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3])
  })

  test('H9: superseded is published as invalid, the rest as on the chain', () => {
    const bytes = tokenList(Uint8Array.of(0, 1, 2, 3, 1, 2, 0, 0))
    expect(bytes).toEqual(Uint8Array.of(0b01_10_01_00, 0b00_00_10_01))
  })

  test('H9: the empty list of the W3C Bitstring example is 131,072 zero bits', () => {
    const encoded = 'H4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA'
    const bits = new Uint8Array(gunzipSync(Buffer.from(encoded, 'base64url')))
    expect(bits).toEqual(bitstring(entriesOf(new Map()), 'revocation'))
  })

  test('H9: the first index is the highest bit of the first byte', () => {
    const entries = new Uint8Array(16).fill(0).with(0, 1).with(7, 1).with(8, 2).with(15, 3)
    expect(bitstring(entries, 'revocation')).toEqual(Uint8Array.of(0b1000_0001, 0b0000_0001))
    expect(bitstring(entries, 'suspension')).toEqual(Uint8Array.of(0, 0b1000_0000))
    expect(bitstring(entries, 'refresh')).toEqual(Uint8Array.of(0, 0b0000_0001))
  })

  test('H9: every list says of every entry what the chain says', () => {
    const someWords = fc.dictionary(fc.nat(1023).map(String), fc.bigInt(0n, 2n ** 256n - 1n), {
      maxKeys: 3,
    })
    const shown = { valid: 0, revoked: 1, suspended: 2, superseded: 1 }
    fc.assert(
      fc.property(someWords, (some) => {
        const words = new Map(Object.entries(some).map(([word, value]) => [Number(word), value]))
        const entries = entriesOf(words)
        const lists = {
          revocation: bitstring(entries, 'revocation'),
          suspension: bitstring(entries, 'suspension'),
          refresh: bitstring(entries, 'refresh'),
        }
        const tokens = tokenList(entries)
        for (const [word, value] of words) {
          for (let at = 0; at < 128; at += 1) {
            const index = word * 128 + at
            const status = statuses[Number((value >> BigInt(2 * at)) & 3n)]!
            expect(statusAt(entries, index)).toBe(status)
            expect(tokenListAt(tokens, index)).toBe(shown[status])
            expect(bitAt(lists.revocation, index)).toBe(
              status === 'revoked' || status === 'superseded',
            )
            expect(bitAt(lists.suspension, index)).toBe(status === 'suspended')
            expect(bitAt(lists.refresh, index)).toBe(status === 'superseded')
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  test('an index or a word outside the list is refused', () => {
    for (const index of [-1, 8, 0.5]) {
      expect(codeOf(() => bitAt(new Uint8Array(1), index))).toBe('status/bad-index')
      expect(codeOf(() => tokenListAt(new Uint8Array(2), index))).toBe('status/bad-index')
      expect(codeOf(() => statusAt(new Uint8Array(8), index))).toBe('status/bad-index')
    }
    for (const word of [-1, 1024, 0.5]) {
      expect(codeOf(() => entriesOf(new Map([[word, 1n]])))).toBe('status/bad-index')
    }
  })
})
