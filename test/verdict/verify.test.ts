import { describe, expect, test } from 'vitest'
import { checkNames } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import {
  certificatePolicy,
  certified,
  checked,
  department,
  findings,
  formats,
  present,
  presentationPolicy,
  sample,
  verifierOf,
} from './sample.ts'

describe('a good certificate', () => {
  test('is valid in each format, with every check passed in its order', async () => {
    const { world, anchored } = sample()
    for (const format of formats) {
      const verdict = await checked(world, anchored({ format, index: formats.indexOf(format) }))
      expect(findings(verdict)).toEqual([])
      expect(verdict.outcome).toBe('valid')
      expect(verdict.credentials[0]!.checks.map(({ name }) => name)).toEqual(checkNames)
    }
  })

  test('is valid when its holder presents it, in each format', async () => {
    const { world, anchored } = sample()
    for (const format of formats) {
      const token = anchored({ format, index: 10 + formats.indexOf(format) })
      const verdict = await checked(world, present(token, world.now()), presentationPolicy(world))
      expect(findings(verdict)).toEqual([])
      expect(verdict.outcome).toBe('valid')
    }
  })

  test('is valid with its CA certificate instead of a name', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.pass(60)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual([])
    expect(verdict.outcome).toBe('valid')
  })

  test('is judged the same by evidence gathered once and looked at twice', async () => {
    const { world, anchored } = sample()
    const evidence = await gather(verifierOf(world), anchored())
    const policy = certificatePolicy(world)
    expect(verify(evidence, policy)).toEqual(verify(evidence, policy))
  })
})
