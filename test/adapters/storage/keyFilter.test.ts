import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { KeyFilter } from '../../../src/adapters/storage/keyFilter.ts'
import { textHash } from '../../../src/adapters/storage/lookups.ts'
import { openStore } from '../../../src/adapters/storage/openStore.ts'
import { issuer, plannedCopy } from '../../suites/samples.ts'
import { tempFolder } from '../../support/tempFolder.ts'

const hashes = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => textHash(issuer, `${from + i}`))

/** A database whose buckets are empty. */
const empty = {
  selectFrom: () => ({ select: () => ({ where: () => ({ execute: async () => [] }) }) }),
} as never

test('a text is found by the first 48 bits of its SHA-256 beside its department', () => {
  const digest = createHash('sha256').update(`${issuer}\nkey 1`).digest()
  expect(textHash(issuer, 'key 1')).toBe(digest.readUIntBE(0, 6))
})

test('a bucket is named for every hash that it holds, and for few others', async () => {
  const filter = new KeyFilter()
  for (let place = 0; place < 40; place += 1) await filter.load(empty, place, place)
  for (const hash of hashes(0, 16384)) filter.add(3, hash)
  for (const hash of hashes(20000, 36384)) filter.add(39, hash)
  const found = filter.candidates([...hashes(0, 16384), ...hashes(20000, 36384)], 40)
  const of = (place: number): number[] => found.get(place) ?? []
  expect(of(3).slice(0, 16384)).toEqual(hashes(0, 16384))
  expect(of(39).slice(-16384)).toEqual(hashes(20000, 36384))
  expect([...found.keys()].sort((a, b) => a - b)).toEqual([3, 39])
  const strangers = filter.candidates(hashes(50000, 100000), 40)
  expect([...strangers.values()].flat().length).toBeLessThan(30)
})

test('a bucket without a filter is always named, and none beyond the last', async () => {
  const filter = new KeyFilter()
  await filter.load(empty, 1, 1)
  expect([...filter.candidates([7], 3).keys()]).toEqual([0, 2])
  expect([...filter.candidates([7], 34).keys()].at(-1)).toBe(33)
})

test('a key taken long ago is refused across buckets, with and without a filter', async () => {
  const path = join(tempFolder(), 'store.db')
  const plans = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => plannedCopy(`${from + i}`))
  const first = await openStore({ kind: 'sqlite', path })
  for (let i = 0; i < 40_000; i += 8000) await first.certificates.plan(plans(i, i + 8000))
  const again = first.certificates.plan([...plans(40_000, 40_100), plannedCopy('17')])
  await expect(again).rejects.toMatchObject({ code: 'store/duplicate' })
  expect(await first.certificates.plan(plans(40_000, 40_100))).toHaveLength(100)
  await first.close()
  const second = await openStore({ kind: 'sqlite', path })
  for (const key of ['0', '16383', '16384', '39999', '40099']) {
    const one = second.certificates.plan([plannedCopy(key)])
    await expect(one).rejects.toMatchObject({ code: 'store/duplicate' })
    const many = second.certificates.plan([...plans(50_000, 50_100), plannedCopy(key)])
    await expect(many).rejects.toMatchObject({ code: 'store/duplicate' })
  }
  const found = await second.certificates.byKeys(issuer, ['0', '16384', '40099', '50000'])
  expect(found.map(({ id }) => id)).toEqual([1, 16385, 40100])
  await second.close()
})
