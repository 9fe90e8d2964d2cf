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
