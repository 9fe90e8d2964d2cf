import { expect, test, vi } from 'vitest'
import { prepare } from '../../src/credential/prepare.ts'
import { codeOf, draftOf } from './samples.ts'

vi.mock('#primitives', async (original) => ({
  ...(await original<typeof import('#primitives')>()),
  randomBytes: (length: number) => new Uint8Array(length).fill(7),
}))

test('A12: a random generator that repeats itself conceals nothing', () => {
  const draft = draftOf('dc+sd-jwt')
  expect(codeOf(() => prepare({ ...draft, disclosable: ['/location'] }))).toBe('accepted')
  expect(codeOf(() => prepare({ ...draft, disclosable: ['/location'] }))).toBe(
    'credential/weak-salt',
  )
  expect(codeOf(() => prepare(draft))).toBe('credential/weak-salt')
})
