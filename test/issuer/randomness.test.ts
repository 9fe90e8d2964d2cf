import { expect, test, vi } from 'vitest'
import { issueOne } from '../../src/issuer/issue.ts'
import { address, newWorld, titleRequest } from '../support/issuer.ts'

const generator = vi.hoisted(() => ({ isBroken: false }))
vi.mock('#primitives', async (original) => {
  const real = await original<typeof import('#primitives')>()
  const stuck = (length: number) => new Uint8Array(length).fill(7)
  const randomBytes = (length: number) =>
    generator.isBroken ? stuck(length) : real.randomBytes(length)
  return { ...real, randomBytes }
})

test('A12: when the random generator repeats a salt, the second certificate fails closed', async () => {
  const { issuer, store } = await newWorld()
  generator.isBroken = true
  await issueOne(issuer, titleRequest(1))
  await expect(issueOne(issuer, titleRequest(2))).rejects.toMatchObject({
    code: 'issue/repeated-randomness',
  })
  expect(await store.certificates.scan(address, 0, 10)).toHaveLength(1)
})
