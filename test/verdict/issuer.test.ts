import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/credential/model.ts'
import type { DepartmentRecord } from '../../src/identity/model.ts'
import type { CredentialFacts } from '../../src/verdict/model.ts'
import { readEvidence } from '../../src/verdict/readEvidence.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import { jws } from '../credential/samples.ts'
import {
  certificatePolicy,
  certified,
  checked,
  department,
  findings,
  make,
  otherDepartment,
  sample,
  stranger,
  titleType,
  verifierOf,
} from './sample.ts'
import { fingerprintOfToken, newKey, newWorld } from './world.ts'

describe('issuer and accreditation', () => {
  test('an issuer that the registry does not know is no forgery', async () => {
    const { world, anchored } = sample()
    const unknownDepartment = newWorld()
    const did = unknownDepartment.register(otherDepartment)
    const { key, x5c } = await certified(unknownDepartment, did, otherDepartment)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['unknown accreditation/unknown-issuer'])
    expect(verdict.outcome).toBe('unknown')
    const named = await checked(world, anchored({ did, key }))
    expect(findings(named)).toEqual([
      'unknown signature/no-key',
      'unknown accreditation/unknown-issuer',
    ])
  })

  test('a credential that is none of ours is never valid, though a department signed it', async () => {
    const { world, key, did, issue } = sample()
    const signedWithout = (...members: string[]) => {
      const [, payload] = issue().split('.') as [string, string]
      const body = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JsonObject
      for (const member of members) delete body[member]
      const token = jws(
        { alg: 'ES256', typ: 'vc+jwt', kid: `${did}#delegate-1` },
        body,
        key.privateJwk,
      )
      world.pass(10)
      world.anchor(department, [fingerprintOfToken(token)])
      return token
    }
    const bare = await checked(world, signedWithout('weir', 'salt'))
    expect(bare.outcome).toBe('unknown')
    expect(findings(bare)).toEqual(['unknown form/foreign', 'unknown form/foreign'])
    const undated = await checked(world, signedWithout('weir', 'salt', 'iat'))
    expect(undated.outcome).toBe('unknown')
    expect(findings(undated)).toContain('unknown credential/missing-claim')
    const untyped = await checked(world, signedWithout('weir', 'salt', 'credentialSchema'))
    expect(findings(untyped)).toEqual(Array(3).fill('unknown form/foreign'))
  })

  test('F9: a certificate of a test chain is never valid on this one', async () => {
    const { world, anchored } = sample()
    const other = certificatePolicy(world, { chain: 'eip155:7002' })
    expect(findings(await checked(world, anchored(), other))).toEqual([
      'unknown issuer/other-chain',
    ])
    const payload = {
      weir: { chain: 'eip155:7002', status: { list: 1, index: 7 }, certificate: 'SAMPLE-1' },
    }
    const crossed = await checked(world, anchored({ payload }))
    expect(findings(crossed)).toEqual(['unknown issuer/other-chain'])
    const did = `did:ethr:0x1b5a:${department}`
    const foreign = await checked(world, anchored({ did }))
    expect(foreign.outcome).toBe('unknown')
    expect(findings(foreign)).toEqual(['unknown signature/no-key', 'unknown issuer/other-chain'])
  })

  test('a department removed before anchoring is refused, after it stays good', async () => {
    const { world, anchored } = sample()
    const before = anchored()
    world.remove(department)
    expect((await checked(world, before)).outcome).toBe('valid')
    const codes = findings(await checked(world, anchored({ index: 8 })))
    expect(codes).toEqual(['fail issuer/removed', 'fail accreditation/not-in-force'])
  })

  test('F4: a department accredited for one type issues no other, all pairs of 6', async () => {
    const world = newWorld()
    const types = Array.from({ length: 6 }, (_, n) => `urn:weir:certificate:sample-${n}:1`)
    const issuers = types.map((type, n) => {
      const address = `0x${(n + 1).toString(16).padStart(40, '0')}`
      const did = world.register(address)
      const key = newKey()
      world.addKey(address, key)
      world.accredit(address, type)
      return { address, did, key, type }
    })
    world.pass(60)
    for (const { address, did, key, type: own } of issuers) {
      for (const [index, type] of types.entries()) {
        const token = make({ did, key, issuedAt: world.now(), type, index })
        world.pass(1)
        world.anchor(address, [fingerprintOfToken(token)])
        const verdict = await checked(world, token)
        expect(findings(verdict)).toEqual(own === type ? [] : ['fail accreditation/not-accredited'])
      }
    }
  })

  test('F5: an accreditation withdrawn before anchoring, or in its second, does not count', async () => {
    const { world, issue, anchored } = sample()
    const before = anchored()
    const late = issue({ index: 9 })
    world.pass(1)
    world.withdraw(department, titleType)
    world.anchor(department, [fingerprintOfToken(late)])
    expect((await checked(world, before)).outcome).toBe('valid')
    expect(findings(await checked(world, late))).toEqual(['fail accreditation/not-in-force'])
  })

  test('F7, F8: records about somebody else and chains built wrongly count for nothing', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const good = await gather(verifierOf(world), token)
    const facts = good.credentials[0]!.facts!
    const judged = (change: Partial<CredentialFacts>, own: DepartmentRecord | undefined) => {
      const credentials = [
        { jwk: good.credentials[0]!.jwk, department: own, facts: { ...facts, ...change } },
      ]
      return findings(verify(readEvidence({ ...good, credentials }), certificatePolicy(world)))
    }
    const known = good.credentials[0]!.department
    const [[record]] = facts.accreditations as [[NonNullable<(typeof facts.accreditations)[0][0]>]]
    const other = { ...record, department: otherDepartment }
    expect(judged({}, known)).toEqual([])
    expect(judged({ accreditations: [[other]] }, known)).toEqual([
      'fail accreditation/not-accredited',
    ])
    expect(judged({ accreditations: [] }, known)).toEqual(['fail accreditation/not-accredited'])
    const cycle = [{ ...record, depth: 1, by: { department, index: 0 } }, { ...record }]
    expect(judged({ accreditations: [cycle] }, known)).toEqual(['fail accreditation/not-in-force'])
    expect(judged({ key: { ...facts.key!, department: otherDepartment } }, known)).toEqual([
      'fail key/other-department',
    ])
    expect(judged({ key: { ...facts.key!, thumbprint: stranger.thumbprint } }, known)).toEqual([
      'fail key/not-registered',
    ])
    expect(judged({ key: undefined }, known)).toEqual(['fail key/not-registered'])
    const elsewhere = { ...known!, department: otherDepartment }
    expect(judged({}, elsewhere)).toEqual(['unknown accreditation/unknown-issuer'])
    expect(judged({}, undefined)).toEqual(['unknown accreditation/unknown-issuer'])
  })
})
