import { expect, test } from 'vitest'
import * as browser from '../../src/primitives/browser.ts'
import { hex } from '../../src/primitives/bytes.ts'
import * as node from '../../src/primitives/node.ts'
import { sides } from './sides.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

test('both sides export the same functions', () => {
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort())
})

test.each(sides)('%s: SHA-256 of "abc" is as FIPS 180-4 says, as text and as bytes', (_, side) => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(hex(side.sha256('abc'))).toBe(expected)
  expect(hex(side.sha256(utf8('abc')))).toBe(expected)
  expect(Buffer.from(side.sha256Base64url('abc'), 'base64url').toString('hex')).toBe(expected)
})

test.each(sides)('%s: text counts as UTF-8', (_, side) => {
  expect(side.sha256('都江堰')).toEqual(side.sha256(utf8('都江堰')))
})

test.each(sides)('%s: Keccak-256 is the one of Ethereum, not SHA3-256', (_, side) => {
  expect(hex(side.keccak256(new Uint8Array()))).toBe(
    'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  )
})

test.each(sides)('%s: random bytes differ, have their own memory and any length', (_, side) => {
  const seen = new Set<string>()
  for (let i = 0; i < 5000; i++) seen.add(hex(side.randomBytes(16)))
  expect(seen.size).toBe(5000)
  for (const length of [0, 1, 32, 256, 257, 100_000]) {
    expect(side.randomBytes(length)).toHaveLength(length)
  }
  expect(side.randomBytes(32).buffer.byteLength).toBe(32)
})
