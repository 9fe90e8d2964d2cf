import { expect, test } from 'vitest'
import { judgeKey } from '../../src/identity/keys.ts'
import type { KeyRecord } from '../../src/identity/model.ts'

const at = (seconds: number) => new Date(1_900_000_000_000 + seconds * 1000)
const key: KeyRecord = {
  department: `0x${'11'.repeat(20)}`,
  thumbprint: `0x${'22'.repeat(32)}`,
  purpose: 'assertion',
  certificateHash: `0x${'33'.repeat(32)}`,
  validFrom: at(0),
  retiredAt: undefined,
  compromisedSince: undefined,
}

test('a key counts after the block that registered it', () => {
  expect(judgeKey(key, at(1))).toBeUndefined()
  expect(judgeKey(key, at(0))).toBe('key/not-yet-valid')
  expect(judgeKey(key, at(-1))).toBe('key/not-yet-valid')
})

test('C1: a retired key counts for what was anchored before, and for nothing after', () => {
  const retired = { ...key, retiredAt: at(100) }
  expect(judgeKey(retired, at(99))).toBeUndefined()
  expect(judgeKey(retired, at(101))).toBe('key/retired')
})

test('C2: a key declared compromised falls from that moment on, not before', () => {
  const stolen = { ...key, retiredAt: at(200), compromisedSince: at(100) }
  expect(judgeKey(stolen, at(99))).toBeUndefined()
  expect(judgeKey(stolen, at(150))).toBe('key/compromised')
  expect(judgeKey(stolen, at(250))).toBe('key/compromised')
})

test('C3: the same block time is in doubt, and doubt refuses', () => {
  expect(judgeKey({ ...key, retiredAt: at(100) }, at(100))).toBe('key/retired')
  expect(judgeKey({ ...key, compromisedSince: at(100) }, at(100))).toBe('key/compromised')
})

test('a time that is no time refuses', () => {
  const never = new Date(Number.NaN)
  expect(judgeKey(key, never)).toBe('key/not-yet-valid')
  expect(judgeKey({ ...key, validFrom: never }, at(1))).toBe('key/not-yet-valid')
  expect(judgeKey({ ...key, retiredAt: never }, at(1))).toBe('key/retired')
})
