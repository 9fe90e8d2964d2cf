import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evidence } from '../../src/verdict/model.ts'
import { readEvidence } from '../../src/verdict/readEvidence.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import { jws } from '../credential/samples.ts'
import { certificatePolicy, checked, findings, sample, stranger, verifierOf } from './sample.ts'

describe('whose word it is', () => {
  test('evidence that this process did not read is nobody’s word', async () => {
    const { world, anchored } = sample()
    const evidence = await gather(verifierOf(world), anchored())
    const copies: Evidence[] = [{ ...evidence }, structuredClone(evidence)]
    for (const copy of copies) {
      const verdict = verify(copy, certificatePolicy(world))
      expect(verdict.outcome).toBe('unknown')
      expect(new Set(findings(verdict))).toEqual(new Set(['unknown evidence/header-not-vouched']))
    }
  })

  test('a forged signature in copied evidence is checked again', async () => {
    const { world, issue } = sample()
    const evidence = await gather(verifierOf(world), issue({ key: stranger }))
    const [credential] = evidence.credentials as [(typeof evidence.credentials)[0]]
    const copy = readEvidence({ ...evidence, credentials: [credential] })
    expect(findings(verify(copy, certificatePolicy(world)))).toEqual(['fail signature/bad'])
  })

  test('what cannot be read at all is a verdict with its code, not an exception', async () => {
    const { world } = sample()
    for (const [input, code] of [
      ['', 'credential/malformed'],
      ['{', 'json/malformed'],
      ['not a token', 'credential/malformed'],
      [jws({ alg: 'none', typ: 'vc+jwt' }, {}), 'credential/alg-not-allowed'],
    ] as const) {
      const verdict = await checked(world, input)
      expect(findings(verdict)).toEqual([`fail ${code}`])
      expect(verdict.outcome).toBe('invalid')
      expect(verdict.credentials).toEqual([])
    }
  })

  test('no text makes verify throw', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const block = world.block()
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 2 }))
        .map(([at, by]) => `${token.slice(0, at)}${by}${token.slice(at + 1)}`),
    )
    fc.assert(
      fc.property(text, (input) => {
        if (input.trim() === token) return
        const evidence = readEvidence({ input, asked: world.now(), block, credentials: [] })
        expect(verify(evidence, certificatePolicy(world)).outcome).not.toBe('valid')
      }),
      { numRuns: 2_000 },
    )
  })
})
