import { expect, test } from 'vitest'
import { permutation } from '../../src/status/permutation.ts'
import { codeOf } from '../anchor/leaves.ts'

const key = new Uint8Array(32).fill(7)

test('every counter of a list gets its own index', () => {
  for (const one of [key, new Uint8Array(16)]) {
    const indexOf = permutation(one)
    const seen = new Uint8Array(131_072)
    for (let counter = 0; counter < 131_072; counter += 1) seen[indexOf(counter)]! += 1
    expect(seen.every((times) => times === 1)).toBe(true)
  }
})

test('the order is the same for the same key and another for another', () => {
  const first = (one: Uint8Array) => Array.from({ length: 1_000 }, (_, n) => permutation(one)(n))
  expect(first(key)).toEqual(first(key.slice()))
  const other = first(key.with(0, 8))
  const same = first(key).filter((index, n) => index === other[n])
  expect(same.length).toBeLessThan(5)
})

test('neighbours in the counter are strangers in the list', () => {
  const indexOf = permutation(key)
  const near = Array.from({ length: 10_000 }, (_, n) => Math.abs(indexOf(n) - indexOf(n + 1)))
  // Two random places lie within 1,000 of each other with a probability of 2 * 1000 / 131072.
  const close = near.filter((distance) => distance < 1_000).length
  expect(close).toBeGreaterThan(80)
  expect(close).toBeLessThan(230)
})

test('a counter outside the list and a short key are refused', () => {
  for (const counter of [-1, 131_072, 0.5]) {
    expect(codeOf(() => permutation(key)(counter))).toBe('status/bad-index')
  }
  expect(codeOf(() => permutation(new Uint8Array(15)))).toBe('status/bad-index')
})

test('I3: places are spread as evenly as chance would, and do not follow the order of issue', () => {
  const count = 20_000
  const bins = 128
  for (const seed of [7, 8, 9]) {
    const indexOf = permutation(new Uint8Array(32).fill(seed))
    const places = Array.from({ length: count }, (_, n) => indexOf(n))
    const found = new Array<number>(bins).fill(0)
    for (const place of places) found[place >> 10]! += 1
    const expected = count / bins
    const chiSquare = found.reduce((sum, one) => sum + (one - expected) ** 2 / expected, 0)
    // 127 degrees of freedom: mean 127, deviation 16; a good shuffle lies within six deviations.
    expect(chiSquare).toBeGreaterThan(127 - 6 * 16)
    expect(chiSquare).toBeLessThan(127 + 6 * 16)
    // The correlation of two independent sequences has a deviation of 1 / sqrt(20,000) = 0.007.
    const middle = (131_072 - 1) / 2
    const ordered = places.reduce((sum, place, n) => sum + (place - middle) * (n - count / 2), 0)
    const correlation = ordered / (count * (131_072 / Math.sqrt(12)) * (count / Math.sqrt(12)))
    expect(Math.abs(correlation)).toBeLessThan(6 * 0.007)
    const next = places
      .slice(1)
      .reduce((sum, place, n) => sum + (place - middle) * (places[n]! - middle), 0)
    expect(Math.abs(next / (count * (131_072 ** 2 / 12)))).toBeLessThan(6 * 0.007)
  }
})

test('I3: the places of one list tell nothing about those of another', () => {
  const [one, other] = [permutation(key), permutation(key.with(31, 8))]
  const middle = (131_072 - 1) / 2
  let product = 0
  for (let n = 0; n < 20_000; n += 1) product += (one(n) - middle) * (other(n) - middle)
  expect(Math.abs(product / (20_000 * (131_072 ** 2 / 12)))).toBeLessThan(6 * 0.007)
})
