import { expect, test } from 'vitest'
import { bytesFromHex, compareBytes, concat, equalBytes, hex } from '../../src/primitives/bytes.ts'

test('hex digits and bytes are each other, in either case and with 0x', () => {
  expect(hex(Uint8Array.of(0, 1, 0xab, 0xff))).toBe('0001abff')
  expect(bytesFromHex('0x0001ABff', 4)).toEqual(Uint8Array.of(0, 1, 0xab, 0xff))
  expect(bytesFromHex('')).toEqual(new Uint8Array())
})

test.each(['0', '0x0', 'zz', '0g', '00 ', ' 00', '0x00zz', '０0'])('%j is no hex', (text) => {
  expect(() => bytesFromHex(text)).toThrow('hex/malformed')
})

test('hex of another length than expected is refused', () => {
  expect(() => bytesFromHex('00', 2)).toThrow('hex/malformed')
})

test('bytes are joined, compared and ordered by value', () => {
  expect(concat(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(
    Uint8Array.of(1, 2, 3),
  )
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
  const sorted = [Uint8Array.of(2), Uint8Array.of(1, 5), Uint8Array.of(1)].sort(compareBytes)
  expect(sorted.map(hex)).toEqual(['01', '0105', '02'])
})
