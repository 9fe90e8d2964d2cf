import { gunzipSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bitAt } from '../../src/status/bitstring.ts'
import { tokenListAt } from '../../src/status/tokenList.ts'
import { bitOf, entryOf } from '../support/listDecoder.ts'
import vectors from '../vectors/status-lists.json' with { type: 'json' }

const { short, long } = vectors.tokenStatusList

describe('the lists that the specifications show', () => {
  test('H9: token lists of the draft read the same here and in a reader of its own', () => {
    for (const { bits, lst, statuses } of short) {
      expect(statuses.map((_, index) => entryOf({ bits, lst }, index))).toEqual(statuses)
      const bytes = new Uint8Array(inflateSync(Buffer.from(lst, 'base64url')))
      if (bits !== 2) continue
      expect(statuses.map((_, index) => tokenListAt(bytes, index))).toEqual(statuses)
    }
  })

  test('H9: in lists of a million entries the very ones are set', () => {
    for (const { bits, lst, entries, statuses } of long) {
      const bytes = new Uint8Array(inflateSync(Buffer.from(lst, 'base64url')))
      expect(bytes.length).toBe((entries * bits) / 8)
      for (const [index, status] of Object.entries(statuses)) {
        expect(entryOf({ bits, lst }, Number(index))).toBe(status)
        if (bits === 2) expect(tokenListAt(bytes, Number(index))).toBe(status)
      }
      const set = bytes.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)
      expect(set).toBe(Object.keys(statuses).length)
    }
  })

  test('H9: the bitstring of the Recommendation has 131,072 entries, none set', () => {
    const { encodedList, length } = vectors.bitstring
    const bits = new Uint8Array(gunzipSync(Buffer.from(encodedList.slice(1), 'base64url')))
    expect(bits.length * 8).toBe(length)
    for (const index of [0, 1, 94567, length - 1]) {
      expect(bitOf(encodedList, index)).toBe(false)
      expect(bitAt(bits, index)).toBe(false)
    }
    expect(() => bitOf(encodedList, length)).toThrow('index')
  })
})
