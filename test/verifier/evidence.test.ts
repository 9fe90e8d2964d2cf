import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readHeader } from '../../src/anchor/stateProof.ts'
import type { Policy } from '../../src/verdict/model.ts'
import { verify } from '../../src/verdict/verify.ts'
import { readEvidenceFile, writeEvidence } from '../../src/verifier/evidenceFile.ts'
import { gather } from '../../src/verifier/gather.ts'
import { saveEvidence } from '../../src/verifier/saveEvidence.ts'
import {
  certificatePolicy,
  certified,
  checked,
  department,
  findings,
  formats,
  otherDepartment,
  present,
  presentationPolicy,
  sample,
  stranger,
  titleType,
  together,
  verifierOf,
} from '../verdict/sample.ts'
import { deployment, fingerprintOfToken, newKey, typeHash } from '../verdict/world.ts'

type Sample = ReturnType<typeof sample>

async function saved({ world }: Sample, input: string) {
  const text = writeEvidence(await saveEvidence(verifierOf(world), input))
  return { text, evidence: readEvidenceFile(text) }
}

/** The policy of a verifier that kept the hash of this very header. */
function pinned(policy: Policy, text: string): Policy {
  const { proof } = JSON.parse(text) as { proof: { header: string } }
  return { ...policy, pinnedHeaders: [readHeader(proof.header).hash] }
}

describe('evidence saved to a file', () => {
  test('is judged without a network as it was judged online, good and bad', async () => {
    const one = sample()
    const { world, did, key, issue, anchored } = one
    world.register(otherDepartment)
    const { key: certifiedKey, x5c } = await certified(world, did, department)
    const old = newKey()
    world.addKey(department, old)
    world.pass(60)
    const byOld = anchored({ key: old, index: 1 })
    world.retire(old)
    const inputs = [
      ...formats.map((format, n) => anchored({ format, index: 10 + n })),
      anchored({ format: 'dc+sd-jwt', key: certifiedKey, x5c, index: 20 }),
      byOld,
      anchored({ key: old, index: 21 }),
      anchored({ key: stranger, index: 22 }),
      anchored({ type: `${titleType}0`, index: 23 }),
      anchored({ index: 24 }),
      issue({ index: 25 }),
      ...Array.from({ length: 18 }, (_, n) => anchored({ index: 200 + n })),
    ]
    world.setStatus(department, 1, 24, 'suspended')
    expect(key.thumbprint).not.toBe(old.thumbprint)
    const outcomes = []
    for (const input of inputs) {
      const { text, evidence } = await saved(one, input)
      const policy = pinned(certificatePolicy(world), text)
      const online = await checked(world, input, policy)
      const offline = verify(evidence, policy)
      expect(findings(offline)).toEqual(findings(online))
      expect(offline.credentials[0]!.fingerprint).toBe(online.credentials[0]!.fingerprint)
      outcomes.push(offline.outcome)
    }
    expect(outcomes.slice(0, 11)).toEqual([
      ...Array(6).fill('valid'),
      ...Array(4).fill('invalid'),
      'unknown',
    ])
  })

  test('holds a whole presentation, and a recovered department and accreditors up to the root', async () => {
    const one = sample()
    const { world, anchored } = one
    const now = world.now()
    const until = new Date(now.getTime() + 1e10)
    const rootOf = { department: otherDepartment, index: 0 }
    world.register(otherDepartment)
    world.accredit(otherDepartment, `${titleType}7`, { until })
    world.accredit(department, `${titleType}7`, { until, by: rootOf, depth: 1 })
    const first = anchored({ type: `${titleType}7`, index: 1 })
    const second = anchored({ format: 'dc+sd-jwt', index: 2 })
    const answers = together(present(first, world.now()), present(second, world.now()))
    world.pass(5)
    world.recover(department)
    const { text, evidence } = await saved(one, answers)
    const policy = pinned(presentationPolicy(world), text)
    expect(findings(verify(evidence, policy))).toEqual([])
    expect(verify(evidence, policy).credentials.length).toBe(2)
    const late = anchored({ index: 3 })
    const after = await saved(one, late)
    const verdict = verify(after.evidence, pinned(certificatePolicy(world), after.text))
    expect(findings(verdict)).toEqual(['fail key/retired'])
    expect(evidence.credentials[0]!.accreditations).toEqual([0])
    expect(typeHash(titleType)).toMatch(/^0x/)
  })

  test('proves an accreditation four links from its root', async () => {
    const one = sample()
    const { world, anchored } = one
    const type = `${titleType}9`
    const until = new Date(world.now().getTime() + 1e10)
    const line = Array.from({ length: 5 }, (_, n) => `0x${(n + 16).toString(16).padStart(40, '0')}`)
    const chain = [department, ...line.slice(1)]
    for (const [n, own] of chain.entries()) {
      if (n > 0) world.register(own)
      const above = chain[n + 1]
      const by = above === undefined ? undefined : { department: above, index: 0 }
      world.accredit(own, type, { until, by, depth: 4 - n })
    }
    const { text, evidence } = await saved(one, anchored({ type, index: 1 }))
    expect(findings(verify(evidence, pinned(certificatePolicy(world), text)))).toEqual([])
    world.remove(chain[4]!)
    const late = await saved(one, anchored({ type, index: 2 }))
    expect(findings(verify(late.evidence, pinned(certificatePolicy(world), late.text)))).toEqual([
      'fail accreditation/not-in-force',
    ])
  })

  test('counts only under a header that the verifier kept, with the contracts of its deployment', async () => {
    const one = sample()
    const { world, anchored } = one
    const { text, evidence } = await saved(one, anchored())
    const policy = pinned(certificatePolicy(world), text)
    expect(verify(evidence, policy).outcome).toBe('valid')
    const { deployment: _, ...noDeployment } = policy
    const refusals: [Policy, string][] = [
      [{ ...policy, pinnedHeaders: [] }, 'evidence/header-not-vouched'],
      [{ ...policy, pinnedHeaders: [`0x${'00'.repeat(32)}`] }, 'evidence/header-not-vouched'],
      [certificatePolicy(world), 'evidence/header-not-vouched'],
      [noDeployment, 'evidence/header-not-vouched'],
      [{ ...policy, deployment: { ...deployment, chainId: 7002 } }, 'evidence/header-not-vouched'],
    ]
    for (const [other, code] of refusals) {
      const verdict = verify(evidence, other)
      expect(verdict.outcome).toBe('unknown')
      expect(new Set(findings(verdict))).toEqual(new Set([`unknown ${code}`]))
      const { checks } = verdict.credentials[0]!
      const resting = ['evidence', 'issuer', 'key', 'anchor', 'signingTime', 'accreditation']
      for (const { name, outcome } of checks) {
        if ([...resting, 'status'].includes(name))
          expect(`${name} ${outcome}`).toBe(`${name} unknown`)
      }
    }
    const codeHashes = { ...deployment.codeHashes, anchorRegistry: `0x${'00'.repeat(32)}` }
    const otherCode = verify(evidence, { ...policy, deployment: { ...deployment, codeHashes } })
    expect(findings(otherCode)[0]).toBe('fail evidence/other-code')
    expect(otherCode.outcome).toBe('invalid')
  })

  test('H11: speaks for its block; asked about another date its status is unknown', async () => {
    const one = sample()
    const { world, anchored } = one
    const { text, evidence } = await saved(one, anchored())
    const at = (seconds: number, change: Partial<Policy> = {}) =>
      pinned(
        {
          ...certificatePolicy(world),
          at: new Date(world.now().getTime() + seconds * 1000),
          ...change,
        },
        text,
      )
    expect(verify(evidence, at(0)).outcome).toBe('valid')
    expect(verify(evidence, at(600)).outcome).toBe('valid')
    expect(findings(verify(evidence, at(601)))).toEqual(['unknown status/other-date'])
    expect(verify(evidence, at(601, { maxEvidenceAgeSeconds: 3600 })).outcome).toBe('valid')
    expect(findings(verify(evidence, at(11, { maxEvidenceAgeSeconds: 10 })))).toEqual([
      'unknown status/other-date',
    ])
  })

  test('the words of one credential do not serve another, nor a status of before', async () => {
    const one = sample()
    const { world, anchored } = one
    const first = await saved(one, anchored({ index: 1 }))
    const token = anchored({ index: 2 })
    world.setStatus(department, 1, 2, 'revoked')
    const second = await saved(one, token)
    const policy = pinned(certificatePolicy(world), first.text)
    const crossed = { ...first.evidence, input: token }
    expect(verify(crossed, policy).outcome).not.toBe('valid')
    // The proofs of before under the header of today: a proof from another state.
    const mixed = {
      ...second.evidence,
      proof: { ...first.evidence.proof, header: second.evidence.proof.header },
    }
    const verdict = verify(mixed, pinned(certificatePolicy(world), second.text))
    expect(findings(verdict)[0]).toBe('fail evidence/bad-proof')
  })

  test('a batch record that the chain does not hold is refused', async () => {
    const one = sample()
    const { world, issue, anchored } = one
    anchored({ index: 1 })
    const forged = issue({ index: 2 })
    const { text, evidence } = await saved(one, anchored({ index: 3 }))
    const [filed] = evidence.credentials as [(typeof evidence.credentials)[0]]
    const fake = sample().world
    fake.anchor(department, [fingerprintOfToken(forged)])
    const lent = await gather(verifierOf(fake), forged)
    expect(lent.credentials.length).toBe(1)
    const record = (await fake.view().anchor(department, 1))!
    const proof = (await fake.leaves().proof(department, fingerprintOfToken(forged)))!
    const policy = pinned(certificatePolicy(world), text)
    for (const following of [[], filed.anchor!.following, [filed.anchor!.record]]) {
      const credentials = [{ ...filed, anchor: { record, proof, following } }]
      const verdict = verify({ ...evidence, input: forged, credentials }, policy)
      expect(verdict.outcome).not.toBe('valid')
      expect(findings(verdict)[0]).toMatch(/evidence\/bad-proof|anchor\/bad-record/)
    }
  })

  test('no changed character of a file is accepted as saying something else', async () => {
    const one = sample()
    const { world, anchored } = one
    const bad = anchored({ index: 9 })
    world.setStatus(department, 1, 9, 'revoked')
    const { text } = await saved(one, bad)
    const policy = pinned(certificatePolicy(world), text)
    const chars = fc.constantFrom(...'0123456789abcdef"{}[],:~.-_AZ')
    fc.assert(
      fc.property(fc.nat(text.length - 1), chars, (at, char) => {
        const changed = `${text.slice(0, at)}${char}${text.slice(at + 1)}`
        let evidence: ReturnType<typeof readEvidenceFile>
        try {
          evidence = readEvidenceFile(changed)
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^(json|evidence)\//)
          return
        }
        expect(verify(evidence, policy).outcome).not.toBe('valid')
      }),
      { numRuns: 3_000, seed: 2 },
    )
  })

  test('a malformed file is refused with the member at fault', async () => {
    const one = sample()
    const { text } = await saved(one, one.anchored())
    const file = JSON.parse(text)
    const changes: [string, unknown, string][] = [
      ['evidence', 2, 'evidence'],
      ['input', 7, 'input'],
      ['proof', null, 'proof'],
      ['credentials', {}, 'credentials'],
      ['more', 1, 'file.more'],
    ]
    for (const [name, value, path] of changes) {
      const changed = JSON.stringify({ ...file, [name]: value })
      expect(() => readEvidenceFile(changed), path).toThrowError(
        expect.objectContaining({ code: 'evidence/malformed' }),
      )
    }
    expect(() => readEvidenceFile('[]')).toThrowError(
      expect.objectContaining({ code: 'json/malformed' }),
    )
    expect(() => readEvidenceFile(' '.repeat(16_777_217))).toThrowError(
      expect.objectContaining({ code: 'json/too-large' }),
    )
  })

  test('what cannot be read is not saved', async () => {
    const one = sample()
    await expect(saveEvidence(verifierOf(one.world), 'nonsense')).rejects.toMatchObject({
      code: 'credential/malformed',
    })
  })

  test('a chain that grows between reading and proving is read again', async () => {
    const one = sample()
    const { world, anchored } = one
    const token = anchored()
    let left = 2
    const chain = {
      ...world.chain,
      prove: async (slots: Parameters<typeof world.chain.prove>[0]) => {
        if (left > 0) {
          left -= 1
          world.pass(1)
          world.anchor(department, [fingerprintOfToken(anchored({ index: 90 + left }))])
        }
        return world.chain.prove(slots)
      },
    }
    const evidence = await saveEvidence(verifierOf(world, { chain }), token)
    const policy = pinned(certificatePolicy(world), writeEvidence(evidence))
    expect(verify(evidence, policy).outcome).toBe('valid')
    const stale = { ...world.view(), lastAnchor: async () => ({ sequence: 1, link: '' }) }
    const never = verifierOf(world, { chain: { ...world.chain, view: async () => stale } })
    await expect(saveEvidence(never, token)).rejects.toThrowError(
      expect.objectContaining({ code: 'evidence/moving' }),
    )
  })
})
