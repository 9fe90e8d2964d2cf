import { describe, expect, test } from 'vitest'
import type { CredentialFacts } from '../../src/verdict/model.ts'
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
import { fingerprintOfToken } from './world.ts'

describe('anchor', () => {
  test('H10: signed a moment ago it is pending, later it was never anchored', async () => {
    const { world, issue } = sample()
    const token = issue()
    world.pass(600)
    expect(findings(await checked(world, token))).toEqual(['unknown anchor/pending'])
    world.pass(1)
    expect(findings(await checked(world, token))).toEqual(['fail anchor/not-anchored'])
  })

  test('H10: where this node lacks batches it cannot say', async () => {
    const { world, issue } = sample()
    const token = issue()
    world.pass(5)
    world.anchor(department, [fingerprintOfToken(token)])
    world.pass(700)
    const policy = certificatePolicy(world)
    const behind = verifierOf(world, { leaves: world.leaves(0) })
    expect(findings(await checked(world, token, policy, behind))).toEqual([
      'unknown anchor/pending',
    ])
    const { leaves: _, ...none } = verifierOf(world)
    expect(findings(await checked(world, token, policy, none))).toEqual(['unknown anchor/no-proof'])
  })

  test('H10: the batch of another department, another batch and a bent proof are told apart', async () => {
    const { world, anchored } = sample()
    const good = await gather(verifierOf(world), anchored())
    const [credential] = good.credentials as [(typeof good.credentials)[0]]
    const anchor = credential.facts!.anchor!
    const judged = (change: NonNullable<CredentialFacts['anchor']>) => {
      const facts = { ...credential.facts!, anchor: change }
      const evidence = readEvidence({ ...good, credentials: [{ ...credential, facts }] })
      return findings(verify(evidence, certificatePolicy(world)))
    }
    const { record, proof } = anchor
    const cases: [NonNullable<CredentialFacts['anchor']>, string][] = [
      [{ proof, record: { ...record, issuer: otherDepartment } }, 'anchor/wrong-issuer'],
      [{ proof, record: { ...record, root: `0x${'00'.repeat(32)}` } }, 'anchor/wrong-batch'],
      [{ proof, record: { ...record, size: record.size + 1 } }, 'anchor/wrong-batch'],
      [{ proof: { ...proof, sequence: 2 }, record }, 'anchor/wrong-batch'],
      [{ proof: { ...proof, index: proof.index ^ 1 }, record }, 'anchor/wrong-batch'],
      [{ proof: { ...proof, path: proof.path.slice(1) }, record }, 'anchor/bad-path'],
      [{ proof: { ...proof, path: proof.path.toReversed() }, record }, 'anchor/wrong-batch'],
    ]
    expect(judged(anchor)).toEqual([])
    for (const [change, code] of cases) expect(judged(change)).toEqual([`fail ${code}`])
  })

  test('a late anchor is told but taken; a very late one, and a date ahead, are refused', async () => {
    const anchoredAfter = async (
      seconds: number,
      change: { maxAnchorDelaySeconds?: number } = {},
    ) => {
      const { world, issue } = sample()
      const token = issue()
      world.pass(seconds)
      world.anchor(department, [fingerprintOfToken(token)])
      return checked(world, token, certificatePolicy(world, change))
    }
    const late = await anchoredAfter(601)
    expect(late.outcome).toBe('valid')
    expect(late.credentials[0]!.checks.map(({ code }) => code)).toContain('anchor/late')
    expect((await anchoredAfter(30 * 86_400)).outcome).toBe('valid')
    const refused = ['fail time/anchored-too-late']
    expect(findings(await anchoredAfter(30 * 86_400 + 1))).toEqual(refused)
    expect(findings(await anchoredAfter(61, { maxAnchorDelaySeconds: 60 }))).toEqual(refused)
  })

  test('a signing time after the anchor, or in the future, is refused', async () => {
    const { world, anchored } = sample()
    const ahead = anchored({ issuedAt: later(world.now(), 10 + 61) })
    world.pass(600)
    expect(findings(await checked(world, ahead))).toEqual(['fail time/signed-after-anchoring'])
    const future = anchored({ index: 8, issuedAt: later(world.now(), 10_000) })
    expect(findings(await checked(world, future))).toContain('fail time/signed-in-the-future')
    const near = anchored({ index: 9, issuedAt: later(world.now(), 10 + 60) })
    expect((await checked(world, near)).outcome).toBe('valid')
  })

  test('as of a date before its anchor, a certificate was not anchored', async () => {
    const { world, issue } = sample()
    const token = issue()
    world.pass(5_000)
    world.anchor(department, [fingerprintOfToken(token)])
    const at = later(world.now(), -1_000)
    expect(findings(await checked(world, token, certificatePolicy(world, { at })))).toEqual([
      'fail anchor/not-anchored',
      'unknown status/other-date',
    ])
  })
})
