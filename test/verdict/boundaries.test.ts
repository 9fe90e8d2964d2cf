import { describe, expect, test } from 'vitest'
import { parseCredential } from '../../src/credential/parse.ts'
import { readLeaf } from '../../src/identity/x509/leaf.ts'
import type { CredentialFacts } from '../../src/verdict/model.ts'
import { readEvidence } from '../../src/verdict/readEvidence.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import {
  certificatePolicy,
  certified,
  checked,
  department,
  findings,
  later,
  present,
  presentationPolicy,
  sample,
  verifierOf,
} from './sample.ts'
import { fingerprintOfToken } from './world.ts'

describe('period', () => {
  test('expired and not yet valid have their own codes; the end is outside', async () => {
    const { world, issue } = sample()
    const now = Math.floor(world.now().getTime() / 1000)
    const token = issue({ payload: { nbf: now, exp: now + 1000 } })
    world.pass(10)
    world.anchor(department, [fingerprintOfToken(token)])
    const at = (seconds: number) =>
      certificatePolicy(world, {
        at: new Date((now + seconds) * 1000),
        maxEvidenceAgeSeconds: 9999,
      })
    expect((await checked(world, token, at(999))).outcome).toBe('valid')
    expect(findings(await checked(world, token, at(1000)))).toEqual(['fail validity/expired'])
    expect(findings(await checked(world, token, at(-61)))).toContain('fail validity/not-yet')
  })
})

describe('to the second', () => {
  test('signing time and first day may lie a minute ahead of our clock, no second more', async () => {
    const { world, issue } = sample()
    const ahead = async (seconds: number) => {
      const issuedAt = later(world.now(), seconds)
      const verdict = await checked(world, issue({ issuedAt }))
      const period = await checked(
        world,
        issue({ payload: { nbf: issuedAt.getTime() / 1000, validFrom: issuedAt.toISOString() } }),
      )
      return [findings(verdict), findings(period)]
    }
    expect(await ahead(60)).toEqual([['unknown anchor/pending'], ['unknown anchor/pending']])
    const [signing, period] = (await ahead(61)) as [string[], string[]]
    expect(signing).toContain('fail time/signed-in-the-future')
    expect(period).toEqual(['fail validity/not-yet', 'unknown anchor/pending'])
  })

  test('a certificate counts from its first second to its last', async () => {
    const { world, did, anchored } = sample()
    const { key, leaf, x5c } = await certified(world, did, department)
    world.pass(60)
    const good = await gather(verifierOf(world), anchored({ format: 'dc+sd-jwt', key, x5c }))
    const { notBefore, notAfter } = readLeaf(leaf)
    const [credential] = good.credentials as [(typeof good.credentials)[0]]
    const { issuedAt: signedAt } = parseCredential(good.input)
    const judged = (time: Date) => {
      const { facts } = credential as { facts: CredentialFacts }
      const anchor = { ...facts.anchor!, record: { ...facts.anchor!.record, time } }
      const opened = { ...facts, key: { ...facts.key!, validFrom: new Date(0) }, anchor }
      const evidence = readEvidence({ ...good, credentials: [{ ...credential, facts: opened }] })
      return findings(verify(evidence, certificatePolicy(world, { at: later(time, 1) })))
    }
    expect(signedAt!.getTime()).toBeGreaterThan(notBefore.getTime())
    const expired = 'fail key/certificate-expired'
    expect(judged(notBefore)).not.toContain(expired)
    expect(judged(later(notBefore, -1))).toContain(expired)
    expect(judged(notAfter)).not.toContain(expired)
    expect(judged(later(notAfter, 1))).toContain(expired)
  })

  test('the holder is said to be bound only where that was asked', async () => {
    const { world, anchored } = sample()
    const answer = present(anchored({ format: 'dc+sd-jwt' }), world.now())
    const codeFor = async (policy: Parameters<typeof checked>[2]) => {
      const { checks } = (await checked(world, answer, policy)).credentials[0]!
      return checks.find(({ name }) => name === 'holderBinding')!.code
    }
    expect(await codeFor(presentationPolicy(world))).toBe('holder/bound')
    expect(await codeFor(certificatePolicy(world))).toBe('holder/not-asked')
  })

  test('an issuer that is no did:ethr is nobody whom this registry knows', async () => {
    const { world, issue } = sample()
    for (const did of ['did:web:issuer.example', 'did:key:z6MkSample', 'did:ethr:0x1b59:0x00']) {
      expect(findings(await checked(world, issue({ did })))).toEqual([
        'unknown signature/no-key',
        'unknown accreditation/unknown-issuer',
      ])
    }
  })
})
