import { describe, expect, test } from 'vitest'
import { OutsideError } from '../../src/errors.ts'
import { readEvidence } from '../../src/verdict/readEvidence.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import {
  certificatePolicy,
  checked,
  department,
  findings,
  later,
  otherDepartment,
  sample,
  verifierOf,
} from './sample.ts'

describe('status', () => {
  test('H9: suspended, revoked and superseded are refused, each with its code; resumed is good', async () => {
    for (const to of ['revoked', 'suspended', 'superseded'] as const) {
      const { world, anchored } = sample()
      const token = anchored({ index: 300 })
      world.setStatus(department, 1, 301, to)
      world.setStatus(department, 1, 299, to)
      world.setStatus(department, 2, 300, to)
      world.setStatus(otherDepartment, 1, 300, to)
      expect((await checked(world, token)).outcome).toBe('valid')
      world.setStatus(department, 1, 300, to)
      const verdict = await checked(world, token)
      expect(findings(verdict)).toEqual([`fail status/${to}`])
      expect(verdict.outcome).toBe('invalid')
      if (to !== 'suspended') continue
      world.setStatus(department, 1, 300, 'valid')
      expect((await checked(world, token)).outcome).toBe('valid')
    }
  })

  test('H8: a status that cannot be read is never valid', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const failing = {
      ...world.view(),
      statusWord: async () => {
        throw new OutsideError('chain/unreachable')
      },
    }
    const verifier = verifierOf(world, { chain: { ...world.chain, view: async () => failing } })
    await expect(gather(verifier, token)).rejects.toMatchObject({ code: 'chain/unreachable' })
    const good = await gather(verifierOf(world), token)
    const [credential] = good.credentials as [(typeof good.credentials)[0]]
    const facts = { ...credential.facts!, status: undefined }
    const evidence = readEvidence({ ...good, credentials: [{ ...credential, facts }] })
    expect(verify(evidence, certificatePolicy(world)).outcome).toBe('unknown')
  })

  test('C4: a verifier whose clock is wrong never takes a revoked certificate', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    world.pass(900)
    world.setStatus(department, 1, 7, 'revoked')
    for (let minutes = -10; minutes <= 10; minutes += 1) {
      const at = later(world.now(), minutes * 60)
      const verifier = verifierOf(world, { now: () => at })
      const verdict = await checked(world, token, certificatePolicy(world, { at }), verifier)
      const isFar = minutes < -1
      expect(findings(verdict)).toEqual([
        isFar ? 'unknown status/other-date' : 'fail status/revoked',
      ])
    }
  })

  test('a place outside every list is refused', async () => {
    const { world, anchored } = sample()
    expect(findings(await checked(world, anchored({ index: 131_072 })))).toEqual([
      'fail status/bad-index',
    ])
  })

  test('C12: evidence read a while ago tells no status of today', async () => {
    const { world, anchored } = sample()
    const evidence = await gather(verifierOf(world), anchored())
    const at = (seconds: number) => certificatePolicy(world, { at: later(world.now(), seconds) })
    expect(verify(evidence, at(600)).outcome).toBe('valid')
    expect(findings(verify(evidence, at(601)))).toEqual(['unknown status/other-date'])
  })
})
