import { createSign, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonObject, PublicJwk } from '../../src/credential/model.ts'
import { OutsideError } from '../../src/errors.ts'
import type { DepartmentRecord } from '../../src/identity/model.ts'
import { thumbprint } from '../../src/identity/thumbprint.ts'
import type { CredentialFacts, Evidence } from '../../src/verdict/model.ts'
import { readEvidence } from '../../src/verdict/readEvidence.ts'
import { verify } from '../../src/verdict/verify.ts'
import { gather } from '../../src/verifier/gather.ts'
import { jws } from '../credential/samples.ts'
import {
  certificatePolicy,
  certified,
  challenge,
  checked,
  department,
  findings,
  formats,
  make,
  otherDepartment,
  present,
  presentationPolicy,
  sample,
  stranger,
  titleType,
  together,
  verifierOf,
} from './sample.ts'
import { fingerprintOfToken, newKey, newWorld } from './world.ts'

const swap = (text: string) => (text === 'A' ? 'B' : 'A')
const later = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000)

describe('signature', () => {
  test('a changed byte of header, payload or signature is refused and hides the rest', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const changed = [
      `${header}.${payload}.${swap(signature[0]!)}${signature.slice(1)}`,
      make({ did: `did:ethr:0x1b59:${department}`, key: stranger, issuedAt: world.now() }),
    ]
    for (const one of changed) {
      const verdict = await checked(world, one)
      expect(findings(verdict)).toEqual(['fail signature/bad'])
      expect(verdict.outcome).toBe('invalid')
      const rest = verdict.credentials[0]!.checks.slice(2)
      expect(rest.every(({ code }) => code === 'verdict/not-reached')).toBe(true)
    }
  })

  test('nothing but the key is read for a signature that does not hold', async () => {
    const { world, issue } = sample()
    const asked: string[] = []
    const view = world.view()
    const spy = new Proxy(view, {
      get: (target, name) => {
        asked.push(String(name))
        return Reflect.get(target, name)
      },
    })
    const verifier = verifierOf(world, { chain: { ...world.chain, view: async () => spy } })
    await gather(verifier, issue({ key: stranger }))
    expect([...new Set(asked)].sort()).toEqual(['block', 'department', 'key', 'then'])
  })

  test('A6: a token of one department signed by another is refused, all pairs of 20', async () => {
    const world = newWorld()
    const issuers = Array.from({ length: 20 }, (_, n) => {
      const address = `0x${(n + 1).toString(16).padStart(40, '0')}`
      const did = world.register(address)
      const key = newKey()
      world.addKey(address, key)
      world.accredit(address, titleType)
      return { address, did, key }
    })
    world.pass(60)
    for (const [n, claimed] of issuers.entries()) {
      const tokens = issuers.map(({ key }, index) =>
        make({ did: claimed.did, key, issuedAt: world.now(), list: n, index }),
      )
      world.pass(1)
      world.anchor(claimed.address, tokens.map(fingerprintOfToken))
      for (const [m, token] of tokens.entries()) {
        const verdict = await checked(world, token)
        expect(verdict.outcome).toBe(n === m ? 'valid' : 'invalid')
        if (n !== m) expect(findings(verdict)).toEqual(['fail signature/bad'])
      }
    }
  })

  test('A7: a key registered for status lists or requests signs no certificate', async () => {
    for (const purpose of ['status', 'request'] as const) {
      const { world, anchored } = sample()
      const key = newKey()
      world.addKey(department, key, purpose)
      world.pass(60)
      expect(findings(await checked(world, anchored({ key })))).toEqual(['fail key/wrong-purpose'])
    }
  })

  test('A5: keys and addresses in a header are refused, and nothing is asked for them', async () => {
    const { world, did } = sample()
    const stolen = [
      ['jwk', { ...stranger.jwk }],
      ['jku', 'http://127.0.0.1/keys'],
      ['x5u', 'http://127.0.0.1/cert'],
      ['x5t', 'AAAA'],
      ['crit', ['exp']],
    ] as const
    for (const [name, value] of stolen) {
      const header = { alg: 'ES256', typ: 'vc+jwt', kid: `${did}#delegate-1`, [name]: value }
      const verdict = await checked(world, jws(header, { iss: did }, stranger.privateJwk))
      expect(findings(verdict)).toEqual(['fail credential/header-not-allowed'])
      expect(verdict.outcome).toBe('invalid')
    }
  })

  test('A11: a kid of another department, a relative one and none are refused', async () => {
    const { world, issue } = sample()
    const other = world.register(otherDepartment)
    const kids = [`${other}#delegate-1`, '#delegate-1', 'delegate-1']
    for (const kid of kids) {
      const [, payload] = issue().split('.') as [string, string]
      const body = JSON.parse(Buffer.from(payload, 'base64url').toString()) as JsonObject
      const token = jws({ alg: 'ES256', typ: 'vc+jwt', kid }, body, stranger.privateJwk)
      expect(findings(await checked(world, token))).toEqual(['fail credential/bad-claim'])
    }
  })

  test('A11: the number in kid decides nothing, for good or ill', async () => {
    const { world, did, anchored } = sample()
    const kid = `${did}#delegate-77`
    expect((await checked(world, anchored({ header: { kid } }))).outcome).toBe('valid')
    const forged = anchored({ header: { kid }, key: stranger })
    expect(findings(await checked(world, forged))).toEqual(['fail signature/bad'])
  })

  test('a key that nobody shows leaves the signature unchecked, not good', async () => {
    const { world, anchored } = sample()
    const verifier = verifierOf(world, { keysOf: async () => [] })
    const verdict = await checked(world, anchored(), certificatePolicy(world), verifier)
    expect(findings(verdict)).toEqual(['unknown signature/no-key'])
    expect(verdict.outcome).toBe('unknown')
  })

  test('A4: a registered key of another curve signs no certificate, whatever the header says', async () => {
    const { world, did } = sample()
    const pair = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' }) as Required<PublicJwk>
    const jwk = { kty, crv, x, y }
    world.addKey(department, { privateJwk: stranger.privateJwk, jwk, thumbprint: thumbprint(jwk) })
    world.pass(60)
    for (const alg of ['ES256', 'ES256K']) {
      const [, payload] = make({ did, key: stranger, issuedAt: world.now() }).split('.')
      const header = { alg, typ: 'vc+jwt', kid: `${did}#delegate-2` }
      const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
      const key = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const
      const signature = createSign('sha256').update(input).sign(key).toString('base64url')
      expect(findings(await checked(world, `${input}.${signature}`))).toEqual([
        'fail signature/bad',
      ])
    }
  })

  test('a key shown for the DID but not registered counts for nothing', async () => {
    const { world, anchored } = sample()
    const verifier = verifierOf(world, { keysOf: async () => [stranger.jwk] })
    const verdict = await checked(
      world,
      anchored({ key: stranger }),
      certificatePolicy(world),
      verifier,
    )
    expect(findings(verdict)).toEqual(['unknown signature/no-key'])
  })
})

describe('certificates in the header', () => {
  test('A5: a certificate that the signer made himself is no registered key', async () => {
    const { world, did, anchored } = sample()
    const elsewhere = newWorld()
    elsewhere.register(department)
    const { key, x5c } = await certified(elsewhere, did, department)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/not-registered'])
  })

  test('A6: a certificate with the DID of a department over the key of another', async () => {
    const { world, did, anchored } = sample()
    world.register(otherDepartment)
    const { key, x5c } = await certified(world, did, otherDepartment)
    world.pass(60)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/other-department'])
  })

  test('F6: another certificate for the same key than the registered one', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.addKey(department, key)
    world.pass(60)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/other-certificate'])
  })

  test('F1: a certificate that had ended when the credential was anchored', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.pass(366 * 86_400)
    const verdict = await checked(world, anchored({ format: 'dc+sd-jwt', key, x5c }))
    expect(findings(verdict)).toEqual(['fail key/certificate-expired'])
  })

  test('a credential anchored before its certificate ended stays good', async () => {
    const { world, did, anchored } = sample()
    const { key, x5c } = await certified(world, did, department)
    world.pass(60)
    const token = anchored({ format: 'dc+sd-jwt', key, x5c })
    world.pass(366 * 86_400)
    expect((await checked(world, token)).outcome).toBe('valid')
  })

  test('bytes that are no certificate', async () => {
    const { world, issue } = sample()
    const x5c = [Uint8Array.of(0x30, 3, 2, 1, 5)]
    const verdict = await checked(world, issue({ format: 'dc+sd-jwt', x5c }))
    expect(findings(verdict)).toEqual(['fail certificate/malformed'])
  })
})

describe('holder binding', () => {
  test('H3: the policy asks for it, never the input: a stripped binding is refused', async () => {
    const { world, anchored } = sample()
    for (const format of formats) {
      const token = anchored({ format, index: 20 + formats.indexOf(format) })
      const verdict = await checked(world, token, presentationPolicy(world))
      expect(findings(verdict)).toEqual(['fail holder/missing'])
    }
  })

  test('H1, H2, H3: another nonce, audience, key or time is refused', async () => {
    const { world, anchored } = sample()
    for (const format of formats) {
      const token = anchored({ format, index: 30 + formats.indexOf(format) })
      const now = world.now()
      const answers: [string, string][] = [
        [
          present(token, now, { to: { ...challenge, nonce: 'another-nonce-0123456789' } }),
          'holder/wrong-nonce',
        ],
        [
          present(token, now, { to: { ...challenge, audience: `${challenge.audience}/` } }),
          'holder/wrong-audience',
        ],
        [present(token, now, { by: stranger }), 'holder/bad-signature'],
        [present(token, later(now, -301)), 'holder/too-old'],
        [present(token, later(now, 61)), 'holder/from-the-future'],
      ]
      for (const [answer, code] of answers) {
        const verdict = await checked(world, answer, presentationPolicy(world))
        expect(findings(verdict)).toEqual([`fail ${code}`])
      }
      for (const good of [present(token, later(now, -300)), present(token, later(now, 60))]) {
        expect((await checked(world, good, presentationPolicy(world))).outcome).toBe('valid')
      }
    }
  })

  test('H2: what was made for one of ten verifiers satisfies no other', async () => {
    const { world, anchored } = sample()
    const token = anchored()
    const audiences = Array.from({ length: 10 }, (_, n) => `https://verifier.example/${n}`)
    for (const made of audiences) {
      const answer = present(token, world.now(), { to: { ...challenge, audience: made } })
      for (const audience of audiences) {
        const question = { kind: 'presentation' as const, ...challenge, audience }
        const verdict = await checked(world, answer, presentationPolicy(world, { question }))
        expect(verdict.outcome).toBe(audience === made ? 'valid' : 'invalid')
      }
    }
  })

  test('H3: a disclosure taken away after signing is seen', async () => {
    const { world, anchored } = sample()
    const answer = present(anchored({ format: 'dc+sd-jwt' }), world.now())
    const parts = answer.split('~')
    const fewer = [...parts.slice(0, 1), ...parts.slice(2)].join('~')
    const verdict = await checked(world, fewer, presentationPolicy(world))
    expect(findings(verdict)).toEqual(['fail holder/other-credential'])
  })

  test('H4: the binding of one credential under another is refused', async () => {
    const { world, anchored } = sample()
    const one = present(anchored({ format: 'dc+sd-jwt', index: 41 }), world.now())
    const other = anchored({ format: 'dc+sd-jwt', index: 42, holder: stranger })
    const mixed = `${other}${one.split('~').at(-1)}`
    const verdict = await checked(world, mixed, presentationPolicy(world))
    expect(findings(verdict)).toEqual(['fail holder/bad-signature'])
    const own = anchored({ format: 'dc+sd-jwt', index: 43 })
    const copied = `${own}${one.split('~').at(-1)}`
    const second = await checked(world, copied, presentationPolicy(world))
    expect(findings(second)).toEqual(['fail holder/other-credential'])
  })

  test('H4: certificates of two holders are refused where one holder is asked for', async () => {
    const { world, anchored } = sample()
    const own = anchored({ index: 51 })
    const second = anchored({ format: 'dc+sd-jwt', index: 52 })
    const strange = anchored({ index: 53, holder: stranger })
    const now = world.now()
    const question = { kind: 'presentation' as const, ...challenge, sameHolder: true }
    const both = together(present(own, now), present(second, now))
    const policy = presentationPolicy(world, { question })
    expect((await checked(world, both, policy)).outcome).toBe('valid')
    const mixed = together(present(own, now), present(strange, now, { by: stranger }))
    expect(findings(await checked(world, mixed, policy))).toEqual(['fail holder/different-holders'])
    const asked = presentationPolicy(world)
    expect((await checked(world, mixed, asked)).outcome).toBe('valid')
  })

  test('every credential in a presentation is judged as fully as one alone', async () => {
    const { world, anchored } = sample()
    const now = world.now()
    const good = anchored({ index: 61 })
    const bad = anchored({ index: 62, key: stranger })
    const both = together(present(good, now), present(bad, now))
    const verdict = await checked(world, both, presentationPolicy(world))
    expect(verdict.credentials.map(({ outcome }) => outcome)).toEqual(['valid', 'invalid'])
    expect(verdict.outcome).toBe('invalid')
  })

  test('a binding that is there must hold even where only the certificate is asked about', async () => {
    const { world, anchored } = sample()
    const token = anchored({ format: 'dc+sd-jwt' })
    expect((await checked(world, present(token, world.now()))).outcome).toBe('valid')
    const forged = present(token, world.now(), { by: stranger })
    expect(findings(await checked(world, forged))).toEqual(['fail holder/bad-signature'])
  })
})

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
