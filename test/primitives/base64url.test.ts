import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as browser from '../../src/primitives/browser.ts'
import * as node from '../../src/primitives/node.ts'
import { sides } from './sides.ts'

test.each(sides)('%s: base64url is as RFC 4648 section 10 says, without padding', (_, side) => {
  const vectors = ['', 'Zg', 'Zm8', 'Zm9v', 'Zm9vYg', 'Zm9vYmE', 'Zm9vYmFy']
  for (const [length, encoded] of vectors.entries()) {
    const text = 'foobar'.slice(0, length)
    expect(side.encodeBase64url(text)).toBe(encoded)
    expect(side.decodeUtf8(side.decodeBase64url(encoded))).toBe(text)
  }
})

const spellings = [
  'A',
  'Zh',
  'Zm9',
  'Zg==',
  'Zg=',
  'Zm8=',
  'Z g',
  'Zg\n',
  ' Zg',
  'Z+/v',
  'Zm9vY',
  'Zg.',
  'Ｚg',
  'Zg\0',
]

test.each(sides)('A8: %s: base64url has one spelling, every other is refused', (_, side) => {
  for (const text of spellings) {
    expect(() => side.decodeBase64url(text), JSON.stringify(text)).toThrow(
      'credential/bad-base64url',
    )
  }
})

test('node and browser read and write the same, for random bytes and random text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const encoded = node.encodeBase64url(bytes)
      expect(browser.encodeBase64url(bytes)).toBe(encoded)
      expect(Buffer.from(browser.decodeBase64url(encoded))).toEqual(Buffer.from(bytes))
    }),
  )
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_=+/-]{0,12}$/), (text) => {
      const read = (side: typeof node | typeof browser) => {
        try {
          return [...side.decodeBase64url(text)]
        } catch {
          return 'refused'
        }
      }
      expect(read(browser)).toEqual(read(node))
    }),
  )
})

test.each(sides)('B11: %s: overlong, cut and surrogate UTF-8 is refused', (_, side) => {
  for (const bytes of [
    [0xc0, 0x80],
    [0xe4, 0xb8],
    [0xed, 0xa0, 0x80],
    [0xff],
    [0xf5, 0x80, 0x80, 0x80],
  ]) {
    expect(() => side.decodeUtf8(Uint8Array.from(bytes))).toThrow('json/ill-formed-text')
  }
  expect(side.decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA')
})
